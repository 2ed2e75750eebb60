import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { type EvictionOrder, lru, memoryStore, type MemoryStoreOptions, s3Fifo } from '@cache/core';
import { localStoreContract } from '@cache/core/testing';
import fc from 'fast-check';
import { held, open } from './held.ts';

const kinds: [string, MemoryStoreOptions][] = [
  ['as it comes', {}],
  ['bounded by bytes', { maxBytes: '1mb' }],
  ['with LRU', { maxBytes: '1mb', eviction: lru() }],
];

describe.each(kinds)('a memory store %s', (_kind, options) => {
  const tooLarge = options.maxBytes === undefined ? {} : { tooLarge: 'x'.repeat(2 ** 20) };
  test.each(localStoreContract(() => memoryStore(options), tooLarge))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

const fields = (bytes: number) => held('x'.repeat(bytes / 2));

describe.each([
  ['S3-FIFO', s3Fifo()],
  ['LRU', lru()],
])('a memory store with %s', (_name, eviction) => {
  test('holds no more entries than it may, of all resources together', () => {
    const space = open({ maxEntries: 3, eviction });
    const [users, carts] = [space.segment('user'), space.segment('cart')];
    for (let i = 0; i < 10; i += 1) for (const segment of [users, carts]) segment.set(String(i), held(i));
    expect(users.size + carts.size).toBe(3);
    expect(carts.get('9')?.value).toBe(9);
    expect(users.figures().evictions.capacity + carts.figures().evictions.capacity).toBe(17);
  });

  test('holds many more entries than it began with', () => {
    const segment = open({ maxEntries: 5_000, eviction }).segment('user');
    for (let i = 0; i < 6_000; i += 1) segment.set(String(i), held(i));
    expect([segment.size, segment.get('999'), segment.get('1000')?.value]).toEqual([5_000, undefined, 1_000]);
  });

  test('holds no more bytes than it may, and tells how many they are', () => {
    const segment = open({ maxBytes: '10kb', eviction }).segment('user');
    for (let i = 0; i < 100; i += 1) {
      segment.set(String(i), fields(2_000));
      const { bytes, entries } = segment.figures();
      expect(bytes).toBeLessThanOrEqual(10_240);
      expect(bytes).toBeGreaterThan(entries * 2_000);
    }
    expect(segment.size).toBe(4);
    expect(segment.get('99')).toBeDefined();
  });

  test('never gives up the very entry that it is told to keep, even if that has grown', () => {
    const key = fc.integer({ min: 0, max: 9 }).map(String);
    const action = fc.tuple(fc.boolean(), key, fc.integer({ min: 0, max: 9_000 }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const segment = open({ maxBytes: '10kb', maxEntries: 5, eviction }).segment('user');
        for (const [isGet, name, bytes] of actions) {
          if (isGet) segment.get(name);
          else {
            expect(segment.set(name, fields(bytes))).toBe(true);
            expect(segment.get(name)).toBeDefined();
          }
        }
      }),
    );
  });

  test("counts each segment's bytes as those of what it holds, whatever is done", () => {
    const action = fc.record({
      what: fc.constantFrom('get', 'set', 'delete'),
      of: fc.integer({ min: 0, max: 1 }),
      key: fc.integer({ min: 0, max: 9 }).map(String),
      bytes: fc.integer({ min: 0, max: 15_000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const space = open({ maxBytes: '12kb', maxEntries: 6, eviction });
        const segments = [space.segment('user'), space.segment('cart')];
        for (const { what, of, key, bytes } of actions) {
          if (what === 'get') segments[of]!.get(key);
          else if (what === 'set') segments[of]!.set(key, fields(bytes));
          else segments[of]!.delete(key);
          const alone = segments.map((segment) => {
            const fresh = open({ maxBytes: '1mb' }).segment('user');
            for (let name = 0; name < 10; name += 1) {
              const entry = segment.get(String(name));
              if (entry !== undefined) fresh.set(String(name), entry);
            }
            return fresh.figures().bytes;
          });
          expect(segments.map((segment) => segment.figures().bytes)).toEqual(alone);
          expect(alone[0]! + alone[1]!).toBeLessThanOrEqual(12_288);
          expect(segments[0]!.size + segments[1]!.size).toBeLessThanOrEqual(6);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('has room again for what was deleted or replaced', () => {
    const segment = open({ maxBytes: '5kb', eviction }).segment('user');
    for (let i = 0; i < 1_000; i += 1) segment.set('1', fields(2_000));
    segment.set('2', fields(2_000));
    segment.delete('1');
    segment.delete('1');
    segment.set('3', fields(2_000));
    expect(['1', '2', '3'].map((key) => segment.get(key) !== undefined)).toEqual([false, true, true]);
    expect(segment.figures().evictions).toEqual({ capacity: 0, expired: 0, tooLarge: 0 });
  });

  test('refuses what is larger than all its room, and drops what it was to replace, but nothing else', () => {
    const segment = open({ maxBytes: '10kb', eviction }).segment('user');
    segment.set('1', fields(1_000));
    segment.set('2', fields(1_000));
    expect(segment.set('2', fields(100_000))).toBe(false);
    expect([segment.get('1') !== undefined, segment.get('2')]).toEqual([true, undefined]);
    expect(segment.figures().evictions).toEqual({ capacity: 0, expired: 0, tooLarge: 1 });
  });

  test('lets what it has dropped be collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const segment = open({ maxEntries: 2, eviction }).segment('user');
    const set = (key: string): WeakRef<object> => {
      const value = {};
      segment.set(key, held(value));
      return new WeakRef(value);
    };
    const [evicted, deleted, replaced] = ['evicted', 'deleted', 'replaced'].map(set);
    segment.delete('deleted');
    set('replaced');
    for (let i = 0; i < 10; i += 1) set(String(i));
    // What a WeakRef was made for stays until the turn is over.
    await new Promise(setImmediate);
    collect();
    expect([deleted!.deref(), evicted!.deref(), replaced!.deref()]).toEqual([undefined, undefined, undefined]);
  });

  test('holds nothing once it is closed, nor what a late load brings', () => {
    const space = open({ eviction });
    const segment = space.segment('user');
    segment.set('1', held('value'));
    space.close();
    expect([segment.get('1'), segment.size]).toEqual([undefined, 0]);
    expect(segment.set('1', held('late'))).toBe(true);
    expect(segment.size).toBe(0);
  });
});

describe('a memory store', () => {
  test('does not count bytes that nothing bounds', () => {
    const segment = open().segment('user');
    const value = Object.defineProperty({}, 'text', { enumerable: true, get: () => expect('looked at').toBe('not') });
    expect(segment.set('1', held(value))).toBe(true);
    expect(segment.figures().bytes).toBeUndefined();
  });

  test('counts the tags of an entry among its bytes', () => {
    const segment = open({ maxBytes: '64kb' }).segment('user');
    const tags = Array.from({ length: 1_000 }, (_, index) => `group:${index}`);
    segment.set('1', { ...held(1), tags: tags.slice(0, 10) });
    expect(segment.figures().bytes).toBeLessThan(2_000);
    segment.set('1', { ...held(1), tags });
    expect(segment.figures().bytes).toBeGreaterThan(30_000);
  });

  test('goes by an eviction policy of your own, and uses its slots again', () => {
    const added: number[] = [];
    class Newest implements EvictionOrder {
      readonly #slots: number[] = [];

      add(slot: number): void {
        added.push(slot);
        this.#slots.push(slot);
      }

      use(): void {}

      remove(slot: number): void {
        this.#slots.splice(this.#slots.indexOf(slot), 1);
      }

      evict(): number {
        return this.#slots.pop()!;
      }
    }
    const segment = open({ maxEntries: 3, eviction: { open: () => new Newest() } }).segment('user');
    for (let i = 0; i < 100; i += 1) segment.set(String(i), held(i));
    expect([0, 1, 98, 99].map((key) => segment.get(String(key))?.value)).toEqual([0, 1, undefined, 99]);
    for (let i = 0; i < 100; i += 1) segment.delete(String(i));
    for (let i = 0; i < 100; i += 1) segment.set(String(i), held(i));
    expect([Math.min(...added), Math.max(...added)]).toEqual([1, 3]);
  });

  test('may be opened more than once', () => {
    const store = memoryStore({ maxEntries: 1 });
    const context = {
      namespace: 'cache',
      clock: { now: () => 0, elapsed: () => 0, setTimer: () => ({ cancel() {} }) },
    };
    const [first, second] = [0, 0].map(() => store.open({ ...context, report: () => undefined }).segment('user'));
    first!.set('1', held('first'));
    second!.set('1', held('second'));
    expect([first!.get('1')?.value, second!.get('1')?.value]).toEqual(['first', 'second']);
  });

  test.each<[string, unknown]>([
    ['a string', 'lru'],
    ['the function that makes one', lru],
    ['another object', {}],
  ])('refuses %s as eviction policy, and says what to write', (_what, eviction) => {
    expect(() => memoryStore({ eviction: eviction as never })).toThrow(
      /^memoryStore: eviction must be an eviction policy: s3Fifo\(\) or lru\(\), not /,
    );
  });
});
