import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DirtyOverlay } from '../../src/engine/dirty-overlay.ts';
import type { Parcel, FarTier, Lookup } from '../../src/engine/far-tier.ts';
import { isolation, type Kept } from '../../src/engine/isolation.ts';
import { UnwrittenView } from '../../src/engine/unwritten-view.ts';
import type { LedgerBook } from '../../src/model/ledger.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { deferred } from '../support/deferred.ts';
import { openBook, payloads } from '../support/book.ts';
import { farEntryOf, farTier } from '../support/far-tier.ts';

const lease = { token: 't', stopBeating: () => undefined };
const parcel: Parcel = { entry: {} as Parcel['entry'], frame: Buffer.from('frame'), ttl: 1_000 };
const found: Lookup = { state: 'found', found: farEntryOf({ value: 'shared' }) };

let clock: ManualClock;
let book: LedgerBook;
beforeEach(() => {
  clock = new ManualClock();
  book = openBook(clock);
});

const write = (key: string, value: unknown = 'dirty') => book.put({ key, op: 'save', payload: payloads.encode(value) });
const kept = (value: unknown) => ({ value, handOut: undefined });
const overlay = (behind?: Partial<FarTier>, adopt: (value: unknown) => Kept = kept) =>
  new DirtyOverlay(
    { book, clock, view: viewOf(adopt), others: undefined },
    behind === undefined ? undefined : farTier(clock, behind),
  );
const viewOf = (adopt: (value: unknown) => Kept) =>
  new UnwrittenView({
    resource: 'views',
    book,
    clock,
    payloads,
    isolation: { ...isolation('shared'), adopt },
    merging: undefined,
    load: async () => null,
  });
const shown = (lookup: Lookup): unknown => {
  if (lookup.state === 'found') return lookup.found.kept.value;
  return lookup.state === 'unwritten' ? lookup.kept.value : lookup.state;
};

describe('a read', () => {
  test('of a dirty key has what was written, and does not ask the shared tier', async () => {
    await write('a');
    const far = overlay({});
    expect(shown(await far.read('a', far.budget()))).toBe('dirty');
  });

  test('of a removed key has null', async () => {
    await book.put({ key: 'a', op: 'remove', payload: new Uint8Array() });
    const far = overlay();
    expect(shown(await far.read('a', far.budget()))).toBeNull();
  });

  test('of many keys asks the ledger once, and the shared tier for the clean ones only', async () => {
    await write('b');
    const asked = jest.spyOn(book, 'read');
    const read = jest
      .fn<FarTier['read']>()
      .mockImplementation(async (key) => (key === 'a' ? found : { state: 'nothing' }));
    const far = overlay({ read });
    const lookups = await Promise.all(['a', 'b', 'c'].map((key) => far.read(key, far.budget())));
    expect(lookups.map(shown)).toEqual(['shared', 'dirty', 'nothing']);
    expect(read.mock.calls.map(([key]) => key)).toEqual(['a', 'c']);
    expect(asked.mock.calls[0]).toEqual([['a', 'b', 'c']]);
  });

  test('has what was written while the shared tier was asked', async () => {
    const reply = deferred<Lookup>();
    const far = overlay({ read: () => reply.promise });
    const looked = far.read('a', far.budget());
    await clock.advance(0);
    await write('a');
    reply.resolve(found);
    expect(shown(await looked)).toBe('dirty');
  });

  test('of a clean key has the source asked where there is no shared tier', async () => {
    const far = overlay();
    expect(shown(await far.read('a', far.budget()))).toBe('off');
    expect((await far.lease('a', far.budget(), undefined)).state).toBe('off');
  });

  test('is told of as unwritten, so that nobody keeps it: once it is written, the source is the truth again', async () => {
    await write('a');
    const far = overlay();
    expect(await far.read('a', far.budget())).toEqual({ state: 'unwritten', kept: kept('dirty') });
  });

  test('gives what the resource makes of a value of the ledger', async () => {
    await write('a', { name: 'Ann' });
    const far = overlay(undefined, (value) => ({ value, handOut: () => 'revived' }));
    const lookup = await far.read('a', far.budget());
    expect(lookup).toMatchObject({ kept: { value: { name: 'Ann' } } });
    expect(lookup.state === 'unwritten' && lookup.kept.handOut?.(undefined)).toBe('revived');
  });
});

describe('a load that ends', () => {
  test('fills the shared tier with a clean key', async () => {
    const fill = jest.fn<FarTier['fill']>().mockResolvedValue('filled');
    expect(await overlay({ fill }).fill('a', lease, parcel)).toBe('filled');
    expect(fill).toHaveBeenCalledWith('a', lease, parcel);
  });

  test('fills nothing with a key that was written meanwhile, and gives its lease back', async () => {
    await write('a');
    const release = jest.fn<FarTier['release']>().mockResolvedValue(true);
    expect(await overlay({ release }).fill('a', lease, parcel)).toBe('refused');
    expect(release).toHaveBeenCalledWith('a', lease);
  });
});

describe('putting another entry in the place of one', () => {
  const change = () => undefined;

  test('is done by the shared tier for a clean key', async () => {
    const replace = jest.fn<FarTier['replace']>().mockResolvedValue('done');
    expect(await overlay({ replace }).replace('a', change)).toBe('done');
    expect(replace).toHaveBeenCalledWith('a', change);
  });

  test('does not happen to a dirty key: what the shared tier has of it is out of date', async () => {
    await write('a');
    expect(await overlay({}).replace('a', change)).toBe('nothing');
  });

  test('is for memory to do where there is no shared tier', async () => {
    expect(await overlay().replace('a', change)).toBe('alone');
  });
});

describe('without a shared tier', () => {
  test('deletions and commits are done at once', async () => {
    const far = overlay();
    expect(await far.evict(['a'])).toBe('done');
    const marker = await far.mark('a', far.budget());
    expect(await far.commit('a', marker, undefined)).toBe('filled');
    await expect(far.release('a', lease)).resolves.toBe(true);
  });
});
