import type { ClientKind } from './own-client.ts';
import { givenOptions, killSwitch, replies, settings, socketOf } from './node-redis-settings.ts';

/** The part of a node-redis sentinel (`createSentinel`) that is used: another copy of the package fits as well. */
export interface NodeRedisSentinelLike {
  connect(): Promise<unknown>;
  destroy(): Promise<unknown>;
  duplicate(overrides?: object): NodeRedisSentinelLike;
  getSentinelNode(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  sendCommand(isReadonly: boolean, args: readonly (string | Buffer)[], options?: object): Promise<unknown>;
  subscribe(channel: string, heard: (message: string) => void): Promise<unknown>;
}

interface NodeOptions {
  readonly socket?: object;
}

interface SentinelOptions {
  readonly sentinelRootNodes: readonly object[];
  readonly nodeClientOptions?: NodeOptions;
  readonly sentinelClientOptions?: NodeOptions;
}

/** Duplicates of a node-redis sentinel. */
export function nodeRedisSentinel(client: NodeRedisSentinelLike): ClientKind {
  const given = givenOptions<SentinelOptions>(client);
  let made = 0;
  return {
    sharded: false,
    make(owner) {
      const kill = killSwitch();
      const socket = { ...socketOf(owner), signal: kill.signal };
      const sentinel = client.duplicate({
        ...(given === undefined ? {} : own(given, socket, made++)),
        passthroughClientErrorEvents: true,
        reserveClient: false,
        masterPoolSize: 1,
        replicaPoolSize: 0,
      });
      sentinel.on('error', (error) => owner.failed(error));
      return {
        connect: () => sentinel.connect(),
        send: (_, command) => sentinel.sendCommand(false, command, replies),
        subscribe(channel, heard) {
          sentinel.on('error', () => owner.lost());
          return sentinel.subscribe(channel, heard);
        },
        destroy() {
          // It waits for what connects, which only ends when its sockets do.
          sentinel.destroy().catch(() => undefined);
          kill.abort();
        },
      };
    },
  };
}

function own(given: SentinelOptions, socket: object, turn: number): SentinelOptions {
  const { sentinelRootNodes: nodes, nodeClientOptions, sentinelClientOptions } = given;
  // They are asked one after the other, without a time-out: the next client is not to wait for the same one again.
  const first = turn % nodes.length;
  return {
    sentinelRootNodes: [...nodes.slice(first), ...nodes.slice(0, first)],
    nodeClientOptions: { ...nodeClientOptions, ...settings, socket: { ...nodeClientOptions?.socket, ...socket } },
    sentinelClientOptions: { ...sentinelClientOptions, socket: { ...sentinelClientOptions?.socket, ...socket } },
  };
}
