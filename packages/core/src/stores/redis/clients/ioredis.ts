import { randomInt } from 'node:crypto';
import {
  type ClientKind,
  connectTimeout,
  type Owner,
  type OwnClient,
  retryDelay,
  type TrackingClient,
} from './own-client.ts';

/** The part that every client of ioredis has, and that is used. */
export interface IoredisLike {
  callBuffer(command: string, args: (string | Buffer)[]): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(): void;
  readonly isCluster: boolean;
  on(event: 'messageBuffer', listener: (channel: Buffer, message: unknown) => void): unknown;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: string, listener: (error: unknown) => void): unknown;
  subscribe(...channels: string[]): Promise<unknown>;
}

/** The part of an ioredis `Redis`, with or without `sentinels`, that is used. */
export interface IoredisClientLike extends IoredisLike {
  duplicate(overrides?: object): IoredisClientLike;
}

/** The part of an ioredis `Cluster` that is used. */
export interface IoredisClusterLike extends IoredisLike {
  duplicate(startupNodes?: never[], overrides?: object): IoredisClusterLike;
  nodes(role: 'master'): IoredisClientLike[];
}

/** For every connection to a server. */
const node = {
  connectTimeout,
  // To a server that does not answer a connection is half closed for as long as this.
  disconnectTimeout: 1,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  keyPrefix: '',
  replyMapping: 'legacy',
  stringNumbers: false,
  readOnly: false,
} as const;

/** For every client: what cannot be sent now is to fail now. */
const settings = { lazyConnect: true, enableOfflineQueue: false, enableAutoPipelining: false, keyPrefix: '' } as const;

/** Duplicates of an ioredis client, of a single server or of the one that sentinels name. */
export function ioredis(client: IoredisClientLike): ClientKind {
  const duplicate = (own: object): IoredisClientLike =>
    client.duplicate({
      ...node,
      ...settings,
      role: 'master',
      retryStrategy: retryDelay,
      sentinelRetryStrategy: retryDelay,
      sentinelCommandTimeout: 1_000,
      // A master that became a replica is left for the one that took its place.
      reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
      ...own,
    });
  return {
    sharded: false,
    make: (owner) => owned(owner, duplicate({})),
    // It passes over what RESP3 pushes; under RESP2 it is told as by a channel.
    makeTracking: (owner) => tracking(owner, duplicate({ protocol: 2 })),
  };
}

/** Duplicates of an ioredis cluster. */
export function ioredisCluster(client: IoredisClusterLike): ClientKind {
  return {
    sharded: true,
    make: (owner) =>
      ownedCluster(
        owner,
        client.duplicate([], {
          ...settings,
          redisOptions: node,
          scaleReads: 'master',
          // It waits for one node, whichever that is, and without a time-out.
          enableReadyCheck: false,
          clusterRetryStrategy: retryDelay,
          slotsRefreshTimeout: 1_000,
          maxRedirections: 8,
        }),
      ),
  };
}

function owned(owner: Owner, client: IoredisLike): OwnClient {
  client.on('error', (error) => owner.failed(error));
  client.on('node error', (error) => owner.failed(error));
  return {
    connect: () => client.connect(),
    send: (_, [name, ...args]) => client.callBuffer(String(name).toLowerCase(), args),
    subscribe(channel, heard) {
      // It connects again by itself, without a word of what it has missed, and mostly without an error.
      client.on('close', () => owner.lost());
      client.on('message', (_: string, message: string) => heard(message));
      return client.subscribe(channel);
    },
    destroy: () => client.disconnect(),
  };
}

function ownedCluster(owner: Owner, cluster: IoredisClusterLike): OwnClient {
  const commands = owned(owner, cluster);
  let subscriber: OwnClient | undefined;
  let over = false;
  return {
    ...commands,
    // The cluster's own subscriber goes from node to node and tells nobody. Each node passes on what is said on any.
    async subscribe(channel, heard) {
      const masters = over ? [] : cluster.nodes('master');
      if (masters.length === 0) throw new Error('the cluster has no master to subscribe to');
      const master = masters[randomInt(masters.length)]!;
      subscriber = owned(owner, master.duplicate({ ...node, ...settings, retryStrategy: null }));
      await subscriber.connect();
      await subscriber.subscribe(channel, heard);
    },
    destroy() {
      over = true;
      subscriber?.destroy();
      commands.destroy();
    },
  };
}

const invalidations = '__redis__:invalidate';

function tracking(owner: Owner, client: IoredisClientLike): TrackingClient {
  client.on('error', (error) => owner.failed(error));
  // It connects again by itself, as another client of the server's, which is told of nothing.
  client.on('close', () => {
    owner.failed(new Error('the connection that tracks keys was closed'));
    owner.lost();
  });
  const call = (command: string, ...args: string[]): Promise<unknown> => client.callBuffer(command, args);
  return {
    connect: () => client.connect(),
    async track(prefix, heard) {
      client.on('messageBuffer', (channel, keys) => {
        if (String(channel) === invalidations) heard(keys === null ? null : (keys as Buffer[]).map(String));
      });
      const id = String(await call('client', 'ID'));
      await call('client', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
      await client.subscribe(invalidations);
    },
    ping: () => call('ping'),
    destroy: () => client.disconnect(),
  };
}
