import type { ClientKind } from './own-client.ts';
import { killSwitch, replies, settings, socketOf, tracking, untracked } from './node-redis-settings.ts';

/** The part of a node-redis client (`createClient`) that is used: another copy of the package fits as well. */
export interface NodeRedisClientLike {
  readonly options?: { readonly socket?: object } | undefined;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: object): NodeRedisClientLike;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'invalidate', listener: (key: Buffer | null) => void): unknown;
  sendCommand(args: readonly (string | Buffer)[], options?: object): Promise<unknown>;
  subscribe(channel: string, heard: (message: string) => void): Promise<unknown>;
}

/** Duplicates of a node-redis client. */
export function nodeRedis(client: NodeRedisClientLike): ClientKind {
  return madeBy((ours) => client.duplicate({ ...ours, socket: { ...client.options?.socket, ...ours.socket } }));
}

interface Overrides {
  readonly socket: object;
}

/** Clients of node-redis that are made with settings of our own. */
export function madeBy(make: (ours: Overrides) => NodeRedisClientLike | Promise<NodeRedisClientLike>): ClientKind {
  return {
    sharded: false,
    async make(owner) {
      const kill = killSwitch();
      const client = await make({ ...settings, ...untracked, socket: { ...socketOf(owner), signal: kill.signal } });
      // Without a listener for 'error' the process would end.
      client.on('error', (error) => owner.failed(error));
      return {
        connect: () => client.connect(),
        send: (_, command) => client.sendCommand(command, replies),
        subscribe(channel, heard) {
          client.on('error', () => owner.lost());
          return client.subscribe(channel, heard);
        },
        destroy: () => end(client, kill),
      };
    },
    async makeTracking(owner) {
      const kill = killSwitch();
      const client = await make({ ...settings, ...tracking, socket: { ...socketOf(owner), signal: kill.signal } });
      client.on('error', (error) => {
        owner.failed(error);
        owner.lost();
      });
      return {
        connect: () => client.connect(),
        async track(prefix, heard) {
          client.on('invalidate', (key) => heard(key === null ? null : [String(key)]));
          // The client has it told of the keys that it reads itself, which are none.
          await client.sendCommand(['CLIENT', 'TRACKING', 'OFF'], replies);
          await client.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix], replies);
        },
        ping: () => client.sendCommand(['PING'], replies),
        destroy: () => end(client, kill),
      };
    },
  };
}

function end(client: NodeRedisClientLike, kill: AbortController): void {
  // A socket that is just being made is not destroyed with the client, and waits for a frozen server for ever.
  kill.abort();
  client.destroy();
}
