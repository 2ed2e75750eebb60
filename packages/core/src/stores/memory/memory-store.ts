import { type ByteSize, parseBytes } from '../../model/bytes.ts';
import { having, integer, optional, parseOptions, withDefault } from '../../model/options.ts';
import type { LocalStore } from '../../model/store.ts';
import type { EvictionPolicy } from './eviction-policy.ts';
import { MemorySpace } from './memory-space.ts';
import { s3Fifo } from './s3-fifo.ts';

export interface MemoryStoreOptions {
  /** The most entries it holds, of all resources together. Default 10 000. */
  maxEntries?: number;
  /** About the most bytes of heap that keys and values take, of all resources together. Default: not bounded by bytes. */
  maxBytes?: ByteSize;
  /** Who has to go when it is full: `s3Fifo()` or `lru()`. Default `s3Fifo()`. */
  eviction?: EvictionPolicy;
}

/** A store in the memory of this process. All resources share its bounds, and each entry is as good as any other's. */
export function memoryStore(options: MemoryStoreOptions = {}): LocalStore {
  const { maxEntries, maxBytes, eviction } = parseOptions('memoryStore', options, {
    maxEntries: withDefault(integer(1, 2 ** 24), 10_000),
    maxBytes: optional(parseBytes),
    eviction: withDefault(having<EvictionPolicy>('an eviction policy: s3Fifo() or lru()', 'open'), s3Fifo()),
  });
  return {
    name: 'memory',
    scope: 'process',
    open: ({ clock }) => new MemorySpace(maxEntries, maxBytes, eviction.open(), clock),
  };
}
