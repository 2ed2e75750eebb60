import { describe, expect, test } from '@jest/globals';
import { type LocalStore, lru, memoryStore, s3Fifo } from '@cache/core';
import { localStoreContract, type LocalStoreContractOptions } from '@cache/core/testing';
import { flaws } from '../support/flawed-local-stores.ts';
import { flawless } from '../support/plain-local-store.ts';
import { shortcomings } from '../support/shortcomings.ts';

const stores: [string, () => LocalStore, LocalStoreContractOptions?][] = [
  ['a store that does as little as it may', flawless, { tooLarge: 'too large' }],
  ['a memory store', () => memoryStore()],
  ...Object.entries({ lru: lru(), s3Fifo: s3Fifo() }).flatMap(([name, eviction]): typeof stores => [
    [`a memory store for one entry, by ${name}`, () => memoryStore({ maxEntries: 1, eviction })],
    [`a memory store for 50 entries, by ${name}`, () => memoryStore({ maxEntries: 50, eviction })],
    [
      `a memory store for 20 kB, by ${name}`,
      () => memoryStore({ maxBytes: '20kb', eviction }),
      { tooLarge: 'x'.repeat(20_000) },
    ],
  ]),
];

describe.each(stores)('%s', (_name, store, options) => {
  test.each(localStoreContract(store, options))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

describe('the contract of a local store', () => {
  test.each(flaws)('is not kept by one that $flaw', async ({ store, breaks }) => {
    expect(await shortcomings(localStoreContract(store, { tooLarge: 'too large' }), breaks)).not.toEqual([]);
  });
});
