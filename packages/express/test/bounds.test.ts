import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import { Marks } from '../src/marks.ts';
import { patiently, tooLong } from '../src/patience.ts';
import { Variants } from '../src/variants.ts';

describe('marks', () => {
  test('are forgotten after half a minute', async () => {
    const clock = new ManualClock();
    const marks = new Marks(clock);
    marks.mark('a');
    await clock.advance(29_999);
    expect(marks.has('a')).toBe(true);
    await clock.advance(1);
    expect(marks.has('a')).toBe(false);
  });

  test('are of the latest ten thousand keys', () => {
    const marks = new Marks(new ManualClock());
    for (let key = 0; key < 10_001; key += 1) marks.mark(String(key));
    expect([marks.has('0'), marks.has('1'), marks.has('10000')]).toEqual([false, true, true]);
  });
});

describe('variants', () => {
  test('of one URL are bounded, and the least recently used one is named', () => {
    const variants = new Variants();
    expect(['a', 'b', 'a', 'c'].map((each) => variants.use('url', each, 2))).toEqual([
      undefined,
      undefined,
      undefined,
      'b',
    ]);
  });

  test('are remembered for a thousand URLs', () => {
    const variants = new Variants();
    for (let url = 0; url < 1_001; url += 1) variants.use(String(url), 'a', 1);
    expect(variants.use('0', 'b', 1)).toBeUndefined();
    expect(variants.use('1000', 'b', 1)).toBe('a');
  });
});

describe('patience', () => {
  test('ends with what was waited for, and leaves no timer', async () => {
    const clock = new ManualClock();
    expect(await patiently(clock, 10, Promise.resolve('a'), () => true)).toBe('a');
    await expect(patiently(clock, 10, Promise.reject(new Error('b')), () => true)).rejects.toThrow('b');
    await clock.advance(0);
    expect(clock.timers).toBe(0);
  });

  test('ends with time, unless there is reason to wait on', async () => {
    const clock = new ManualClock();
    const never = new Promise<string>(() => undefined);
    const inVain = patiently(clock, 10, never, () => true);
    let later = (_text: string): void => undefined;
    const work = new Promise<string>((resolve) => (later = resolve));
    const notInVain = patiently(clock, 10, work, () => false);
    await clock.advance(10);
    expect(await inVain).toBe(tooLong);
    later('after all');
    expect(await notInVain).toBe('after all');
  });
});
