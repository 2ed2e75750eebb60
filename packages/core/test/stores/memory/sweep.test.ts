import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import fc from 'fast-check';
import { held, open } from './held.ts';

function store(options: Parameters<typeof open>[0] = {}) {
  const clock = new ManualClock();
  const space = open(options, clock);
  const until = (ms: number) => held('value', clock.elapsed() + ms);
  return { clock, space, users: space.segment('user'), until };
}

describe('a memory store', () => {
  test('drops what is over within a minute, and nothing else', async () => {
    const { clock, space, users, until } = store();
    const carts = space.segment('cart');
    users.set('short', until(1_000));
    users.set('long', until(120_000));
    carts.set('short', until(1_000));
    carts.set('endless', held('value'));
    await clock.advance(60_000);
    expect([users.get('short'), users.get('long')?.value, carts.get('endless')?.value]).toEqual([
      undefined,
      'value',
      'value',
    ]);
    expect(users.figures()).toMatchObject({ entries: 1, evictions: { capacity: 0, expired: 1, tooLarge: 0 } });
    expect(carts.figures()).toMatchObject({ entries: 1, evictions: { capacity: 0, expired: 1, tooLarge: 0 } });
  });

  test('drops what was not used for too long within a minute more, and keeps what is used', async () => {
    const { clock, users } = store();
    const until = (ms: number) => ({ ...held('value'), idleUntil: clock.elapsed() + ms });
    const used = until(10_000);
    users.set('unused', until(10_000));
    users.set('used', used);
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(9_000);
      used.idleUntil = clock.elapsed() + 10_000;
    }
    expect([users.size, users.get('used')?.value, users.figures().evictions.expired]).toEqual([1, 'value', 1]);
    await clock.advance(70_000);
    expect([users.size, clock.timers, users.figures().evictions.expired]).toEqual([0, 0, 2]);
  });

  test('has one timer while there is something that will be over, and none otherwise', async () => {
    const { clock, space, users, until } = store();
    users.set('endless', held('value'));
    expect(clock.timers).toBe(0);
    for (let i = 0; i < 100; i += 1) users.set(String(i % 10), until(1_000 + i));
    expect(clock.timers).toBe(1);
    await clock.advance(60_000);
    expect([users.size, clock.timers]).toEqual([1, 0]);
    users.set('1', until(1_000));
    expect(clock.timers).toBe(1);
    users.set('1', held('endless from now on'));
    expect(clock.timers).toBe(0);
    users.set('1', until(1_000));
    users.delete('1');
    expect(clock.timers).toBe(0);
    users.set('1', until(1_000));
    space.close();
    expect(clock.timers).toBe(0);
    users.set('late', until(1_000));
    expect(clock.timers).toBe(0);
  });

  test('looks at a bounded number of entries at a time, and in the end at all', async () => {
    const { clock, users, until } = store({ maxEntries: 50_000 });
    for (let i = 0; i < 50_000; i += 1) users.set(String(i), until(i % 2 === 0 ? 1_000 : 90_000));
    const sizes: number[] = [];
    while (users.size > 25_000) {
      await clock.advance(5);
      if (sizes.at(-1) !== users.size) sizes.push(users.size);
    }
    const steps = sizes.slice(1).map((size, index) => sizes[index]! - size);
    expect(steps.length).toBeGreaterThan(10);
    expect(Math.max(...steps)).toBeLessThan(5_000);
    expect(clock.elapsed()).toBeLessThan(new ManualClock().elapsed() + 35_000);
    await clock.advance(120_000);
    expect([users.size, clock.timers]).toEqual([0, 0]);
  });

  test('lets a day pass as fast as nothing', async () => {
    const { clock, users, until } = store();
    users.set('1', until(2 * 86_400_000));
    const { timers } = clock;
    let set = 0;
    const { setTimer } = clock;
    clock.setTimer = (...given) => {
      set += 1;
      return setTimer.apply(clock, given);
    };
    await clock.advance(86_400_000);
    expect([timers, clock.timers, users.size]).toEqual([1, 1, 1]);
    expect(set).toBeLessThan(10_000);
  });

  test('goes by the last instant that an entry was kept with', async () => {
    const { clock, users, until } = store();
    users.set('longer', until(1_000));
    users.set('longer', until(200_000));
    users.set('shorter', until(200_000));
    users.set('shorter', until(1_000));
    await clock.advance(60_000);
    expect([users.get('longer')?.value, users.get('shorter')]).toEqual(['value', undefined]);
  });

  test('lets go what is over before what is not, when it needs room soon after', () => {
    const clock = new ManualClock();
    const users = open({ maxEntries: 8 }, clock).segment('user');
    users.set('good', held('value'));
    for (let i = 0; i < 7; i += 1) users.set(String(i), held('value', clock.elapsed() - 1));
    users.set('new', held('value'));
    expect(users.get('good')?.value).toBe('value');
    expect(users.figures().evictions).toEqual({ capacity: 0, expired: 7, tooLarge: 0 });
  });

  test('finds after a round what was kept until before it, and no more, whatever was done', async () => {
    const action = fc.record({
      what: fc.constantFrom('set', 'set', 'delete', 'wait'),
      key: fc.integer({ min: 0, max: 20 }).map(String),
      ms: fc.oneof(fc.integer({ min: -5, max: 100_000 }), fc.constant(Infinity)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { clock, space, users, until } = store();
        const model = new Map<string, number>();
        for (const { what, key, ms } of actions) {
          if (what === 'wait') await clock.advance(Number.isFinite(ms) ? Math.max(0, ms) : 1);
          else if (what === 'delete') {
            users.delete(key);
            model.delete(key);
          } else {
            users.set(key, until(ms));
            model.set(key, clock.elapsed() + ms);
          }
          for (const [name, kept] of model) if (kept > clock.elapsed()) expect(users.get(name)).toBeDefined();
        }
        await clock.advance(61_000);
        for (const [name, kept] of model) {
          if (kept > clock.elapsed()) expect(users.get(name)).toBeDefined();
          if (kept <= clock.elapsed() - 60_000) expect(users.get(name)).toBeUndefined();
        }
        space.close();
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
