import type { Duration } from '../../../model/duration.ts';
import type { Ledger } from '../../../model/ledger.ts';
import { integer, optional, parseOptions, positiveDuration, withDefault } from '../../../model/options.ts';
import { kindOfAddress, type RedisAddress } from '../address.ts';
import { RedisBook } from './redis-book.ts';

export interface RedisLedgerOptions extends RedisAddress {
  /**
   * Over how many slots of a cluster a resource's keys are spread: fixed once it was used, and checked. Default 1, or 16 on
   * a cluster.
   */
  shards?: number;
  /** The most that one call waits for Redis. Default `'1s'`. */
  deadline?: Duration;
}

/**
 * A ledger in Redis (6.2 or newer), shared by all processes that name the same namespace and resource. What it accepts is
 * as durable as that Redis is: set `appendonly yes`, and `appendfsync always` if a power cut is to lose nothing. Keys are
 * `<namespace>:{<resource>/<shard>}:…`.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function redisLedger(options: RedisLedgerOptions): Ledger {
  const { url, client, shards, deadline } = parseOptions('redisLedger', options, {
    url: (value) => value,
    client: (value) => value,
    shards: optional(integer(1, 1_024)),
    deadline: withDefault(positiveDuration, 1_000),
  });
  const kind = kindOfAddress('redisLedger', { url, client });
  // A cluster of ioredis sends what has no key anywhere: nobody would know whose replicas WAIT has counted.
  const isKeyless = kind.sharded && typeof client === 'object' && client !== null && 'callBuffer' in client;
  const settings = { kind, deadline, shards: shards ?? (kind.sharded ? 16 : 1) };
  return {
    name: 'redis',
    scope: 'shared',
    durability: isKeyless ? [] : ['fsynced', 'replicated'],
    open: (context) => new RedisBook(context, settings),
  };
}
