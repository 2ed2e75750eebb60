import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { cacheAside, type CacheAsideOptions, type CacheAsideResource } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { Failures } from '../../src/engine/failures.ts';
import { cacheOn } from '../support/memory-cache.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const down = new Error('the source is down');
let clock: ManualClock;
let failures: Failures;
beforeEach(() => {
  clock = new ManualClock();
  failures = new Failures(clock);
});

describe('a load that failed', () => {
  test('is the answer for errorTtl, and pauses its source for as long as it is told', async () => {
    failures.note('7', down, 2_000, 1_000);
    expect([failures.answer('7')?.error, failures.pauses('7')]).toEqual([down, true]);
    await clock.advance(1_000);
    expect([failures.answer('7'), failures.pauses('7')]).toEqual([undefined, true]);
    await clock.advance(1_000);
    expect([failures.answer('7'), failures.pauses('7')]).toEqual([undefined, false]);
  });

  test.each([
    [0, 'without', false],
    [1_000, 'with', true],
  ])('is remembered, for an errorTtl of %p, %s its error', async (errorTtl, _how, isHeld) => {
    const noted = ((error) => {
      failures.note('7', error, 1_000, errorTtl);
      return new WeakRef(error);
    })(new Error('large'));
    await clock.advance(0); // A WeakRef holds what it was made of until its turn is over.
    gc();
    expect([failures.pauses('7'), noted.deref() !== undefined]).toEqual([true, isHeld]);
  });

  test('is forgotten when it is over, by a timer that is set only until then', async () => {
    failures.note('7', down, 0, 5_000);
    expect(clock.timers).toBe(1);
    await clock.advance(4_000);
    expect([clock.timers, failures.answer('7')?.error]).toEqual([1, down]);
    await clock.advance(1_000);
    expect(clock.timers).toBe(0);
  });

  test('needs no timer where nothing is to be remembered, or all was forgotten', () => {
    failures.note('7', down, 0, 0);
    expect(clock.timers).toBe(0);
    failures.note('7', down, 1_000, 0);
    failures.forgetAll();
    expect([clock.timers, failures.pauses('7')]).toEqual([0, false]);
  });
});

describe('the failure of a load', () => {
  let fails: boolean;
  const users = (options: Partial<CacheAsideOptions<string, string>>): CacheAsideResource<string, string> =>
    cacheOn(clock).resource(
      'user',
      cacheAside<string, string>({
        load: () => (fails ? Promise.reject(down) : Promise.resolve('value')),
        timeout: { hard: '1d' },
        ttl: '10s',
        ...options,
      }),
    );
  /** What is remembered has a timer, and memory with a value in it another one. */
  const timersAfter = async (options: Partial<CacheAsideOptions<string, string>>, before: boolean): Promise<number> => {
    const failing = users(options);
    fails = !before;
    if (before) await failing.get('7');
    await clock.advance(10_000);
    const timers = clock.timers;
    fails = true;
    await failing.get('7').catch(() => undefined);
    await clock.advance(0);
    return clock.timers - timers;
  };

  test.each<[string, Partial<CacheAsideOptions<string, string>>, boolean, number]>([
    ['nothing', {}, false, 0],
    ['nothing', { grace: '1h' }, false, 0],
    ['the pause', { grace: '1h' }, true, 1],
    ['the pause', { staleWhileRevalidate: '1h' }, true, 1],
    ['the error', { errorTtl: '2s' }, false, 1],
  ])('leaves %s to remember with %p (an older value is there: %p)', async (_what, options, before, timers) => {
    expect(await timersAfter(options, before)).toBe(timers);
  });

  test('leaves nothing behind in a cache that is closed', async () => {
    const cache = cacheOn(clock);
    const failing = cache.resource('user', cacheAside({ load: () => Promise.reject(down), errorTtl: '1h' }));
    await failing.get('7').catch(() => undefined);
    const late = failing.get('8').catch(() => undefined);
    await cache.close();
    await late;
    expect(clock.timers).toBe(0);
  });
});
