import { invalid } from '../../model/options.ts';
import { kindOfClient, kindOfUrl, type RedisClientLike } from './clients/client-kind.ts';
import type { ClientKind } from './clients/own-client.ts';

/** Where Redis is. */
export interface RedisAddress {
  /** A single server: `redis://…` or, over TLS, `rediss://…`, with user and password if need be. */
  url?: string;
  /**
   * A client to take the settings of: `createClient`, `createSentinel` or `createCluster` of node-redis 6, `Redis` or
   * `Cluster` of ioredis. Connections of our own are made; this one is neither used nor closed. What it says of key
   * prefixes, of reading from replicas and of reconnecting does not count.
   */
  client?: RedisClientLike;
}

/** The rules of `RedisAddress`, for `parseOptions`; `kindOfAddress` checks what they let through. */
export const addressRules = { url: (value: unknown) => value, client: (value: unknown) => value };

/**
 * How connections to that address are made.
 *
 * @throws CacheError `INVALID_OPTION` unless there is exactly one way to find Redis.
 */
export function kindOfAddress(owner: string, { url, client }: { url: unknown; client: unknown }): ClientKind {
  if ((url === undefined) === (client === undefined)) {
    const sentence = "needs either `url`, such as 'redis://localhost:6379', or `client`, one of node-redis or ioredis";
    throw invalid(owner, sentence);
  }
  if (client !== undefined) {
    if (isClient(client)) return kindOfClient(client);
    // A string may be a URL, which may hold a password: it is not repeated.
    const found =
      typeof client === 'string' ? ', and an address goes to `url`' : '; of a pool, give the client that it is made of';
    const sentence = `must be a client, sentinel or cluster of node-redis, or a Redis or Cluster of ioredis${found}`;
    throw invalid(`${owner}: client`, sentence);
  }
  // The URL itself may hold a password, and is not repeated.
  if (typeof url !== 'string' || !/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    const sentence = "must begin with 'redis://' or 'rediss://', such as 'redis://localhost:6379'";
    throw invalid(`${owner}: url`, `${sentence}; Sentinel and Cluster are reached by \`client\``);
  }
  return kindOfUrl(url);
}

function isClient(client: unknown): client is RedisClientLike {
  if (typeof client !== 'object' || client === null) return false;
  const { duplicate, sendCommand, callBuffer } = client as Record<string, unknown>;
  return typeof duplicate === 'function' && [sendCommand, callBuffer].some((send) => typeof send === 'function');
}
