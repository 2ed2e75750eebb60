import { type LocalEntry, lru, memoryStore, type MemoryStoreOptions } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import type { Peers } from '../peers/install.ts';

/** A cache that takes in what it misses, and has to give something else up for it. */
export interface Policy {
  readonly name: string;
  /** An empty cache; what it gives asks for keys, one after the other, and tells how many of them were there. */
  readonly open: (size: number) => (keys: readonly string[]) => number;
}

/** Our memory store, without the engine above it: what is measured is how it chooses. */
function ours(name: string, options: MemoryStoreOptions): Policy {
  return {
    name,
    open(size) {
      const context = { namespace: 'bench', clock: new ManualClock(), report: () => undefined };
      const segment = memoryStore({ maxEntries: size, ...options })
        .open(context)
        .segment('bench');
      return (keys) => {
        let hits = 0;
        for (const key of keys) {
          if (segment.get(key) !== undefined) hits += 1;
          else segment.set(key, entry);
        }
        return hits;
      };
    },
  };
}

export const byDefault = ours('memoryStore: S3-FIFO', {});
export const leastRecentlyUsed = ours('memoryStore: LRU', { eviction: lru() });

const entry: LocalEntry = {
  value: true,
  createdAt: 0,
  freshUntil: Infinity,
  staleUntil: Infinity,
  graceUntil: Infinity,
  tags: [],
  known: { generation: '', at: 0 },
  loadMs: 0,
  servedUntil: Infinity,
  trustedUntil: Infinity,
  trueAt: 0,
  keptUntil: Infinity,
  skew: 0,
  idleUntil: Infinity,
  checkedVersion: 0,
  handOut: undefined,
  settled: undefined,
};

interface MapLike {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
}

/** What everyone uses. */
export async function lruCache(peers: Peers): Promise<Policy> {
  const { LRUCache } = await peers.load<{ LRUCache: new (options: { max: number }) => MapLike }>('lru-cache');
  return {
    name: 'lru-cache',
    open(size) {
      const cache = new LRUCache({ max: size });
      return (keys) => {
        let hits = 0;
        for (const key of keys) {
          if (cache.get(key) !== undefined) hits += 1;
          else cache.set(key, entry);
        }
        return hits;
      };
    },
  };
}

/** SIEVE: NSDI ’24, "SIEVE is Simpler than LRU". */
export async function sieve(peers: Peers): Promise<Policy> {
  const { SieveCache } = await peers.load<{ SieveCache: new (size: number) => MapLike }>('@neophi/sieve-cache');
  return {
    name: 'SIEVE',
    open(size) {
      const cache = new SieveCache(size);
      return (keys) => {
        let hits = 0;
        for (const key of keys) {
          if (cache.get(key) !== undefined) hits += 1;
          else cache.set(key, entry);
        }
        return hits;
      };
    },
  };
}
