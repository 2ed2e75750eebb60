import { type ClientKind, connectTimeout, type Owner, type OwnClient, retryDelay } from './own-client.ts';

/** The part that every client of ioredis has, and that is used. */
export interface IoredisLike {
  callBuffer(command: string, args: (string | Buffer)[]): Promise<unknown>;
  connect(): Promise<unknown>;
  disconnect(): void;
  readonly isCluster: boolean;
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
  return {
    sharded: false,
    make: (owner) =>
      owned(
        owner,
        client.duplicate({
          ...node,
          ...settings,
          role: 'master',
          retryStrategy: retryDelay,
          sentinelRetryStrategy: retryDelay,
          sentinelCommandTimeout: 1_000,
          // A master that became a replica is left for the one that took its place.
          reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
        }),
      ),
  };
}

/** Duplicates of an ioredis cluster. */
export function ioredisCluster(client: IoredisClusterLike): ClientKind {
  return {
    sharded: true,
    make: (owner) =>
      owned(
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
      client.on('message', (_: string, message: string) => heard(message));
      return client.subscribe(channel);
    },
    destroy: () => client.disconnect(),
  };
}
