import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Flusher } from '../../src/engine/flusher.ts';
import { type CacheEvents, Events } from '../../src/model/events.ts';
import { FlushFigures } from '../../src/engine/flush-figures.ts';
import type { DirtyRecord, LedgerBook } from '../../src/model/ledger.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { openBook, payloads } from '../support/book.ts';
import { deferred } from '../support/deferred.ts';

let clock: ManualClock;
let book: LedgerBook;
let batches: string[][];
let write: jest.Mock<(records: readonly DirtyRecord[]) => Promise<unknown>>;
let figures: FlushFigures;
let flusher: Flusher;
let failures: CacheEvents['flushError'][];

beforeEach(() => {
  clock = new ManualClock();
  book = openBook(clock);
  figures = new FlushFigures();
  batches = [];
  failures = [];
  write = jest.fn(async (records: readonly DirtyRecord[]) => {
    batches.push(records.map(shown));
  });
  const events = new Events();
  events.on('flushError', (event) => failures.push(event));
  flusher = new Flusher({
    resource: 'views',
    book,
    clock,
    events,
    random: () => 1,
    figures,
    max: 3,
    after: 2_000,
    poll: undefined,
    lease: 30_000,
    maxAttempts: 10,
    retry: { first: 100, longest: 30_000 },
    isTransient: (error) => error === down,
    write,
    around: (_records, run) => run(),
    conflicted: async () => undefined,
    forget: async () => undefined,
  });
  flusher.start();
});

const down = new Error('down');
const shown = ({ key, payload }: DirtyRecord): string => `${key}=${String(payloads.decode(payload))}`;

async function put(key: string, value: unknown = 1): Promise<number> {
  figures.dirty = (await book.put({ key, op: 'save', payload: payloads.encode(value) })).dirty;
  return figures.dirty;
}

async function set(key: string, value: unknown = 1): Promise<void> {
  flusher.noted(await put(key, value));
}

async function settle(): Promise<void> {
  await clock.advance(0);
}

describe('a write', () => {
  test('reaches the source two seconds after it was made, and no timer is left', async () => {
    await set('a');
    await clock.advance(1_999);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(batches).toEqual([['a=1']]);
    expect([figures.dirty, clock.timers]).toEqual([0, 0]);
  });

  test('takes the place of an older one of its key, and is due when the first was', async () => {
    await set('a', 1);
    await clock.advance(1_500);
    await set('a', 2);
    await clock.advance(500);
    expect(batches).toEqual([['a=2']]);
  });

  test('that is not due yet waits for its own time', async () => {
    await set('a');
    await clock.advance(1_000);
    await set('b');
    await clock.advance(1_000);
    expect(batches).toEqual([['a=1']]);
    await clock.advance(1_000);
    expect(batches).toEqual([['a=1'], ['b=1']]);
  });

  test('goes at once when it makes a batch full', async () => {
    for (const key of ['a', 'b', 'c']) await set(key);
    await settle();
    expect(batches).toEqual([['a=1', 'b=1', 'c=1']]);
    expect(clock.timers).toBe(0);
  });

  test('that comes while its key is written is written after it', async () => {
    const slow = deferred();
    write.mockImplementationOnce(async (records) => {
      await slow.promise;
      batches.push(records.map(shown));
    });
    await set('a', 1);
    const flushed = flusher.flush();
    await settle();
    await set('a', 2);
    slow.resolve();
    await flushed;
    await clock.advance(2_000);
    expect(batches).toEqual([['a=1'], ['a=2']]);
    expect(figures.dirty).toBe(0);
  });
});

describe('batches', () => {
  test('do not become small because a full one is under way', async () => {
    const slow = deferred();
    write.mockReturnValueOnce(slow.promise);
    for (const key of ['a', 'b', 'c']) await set(key);
    await settle();
    await set('d');
    await settle();
    slow.resolve();
    await clock.advance(1_000);
    await set('e');
    await clock.advance(1_000);
    expect(batches).toEqual([['d=1']]);
  });

  test('are never larger than the most, and never two at a time', async () => {
    let running = 0;
    let most = 0;
    write.mockImplementation(async (records) => {
      running += 1;
      most = Math.max(most, running);
      await clock.advance(10);
      batches.push(records.map(({ key }) => key));
      running -= 1;
    });
    for (let i = 0; i < 8; i += 1) await put(`k${i}`, i);
    await Promise.all([flusher.flush(), flusher.flush()]);
    expect(batches.map((batch) => batch.length)).toEqual([3, 3, 2]);
    expect(most).toBe(1);
  });
});

describe('a batch that fails', () => {
  test('is tried again with growing pauses, loses nothing, and is told of each time', async () => {
    const error = new Error('deadlock');
    write.mockRejectedValueOnce(error).mockRejectedValueOnce(error).mockRejectedValueOnce(error);
    await set('a');
    await clock.advance(2_000);
    expect(failures).toEqual([{ resource: 'views', count: 1, error, retryIn: 100 }]);
    await clock.advance(100 + 200 + 400);
    expect(failures.map(({ retryIn }) => retryIn)).toEqual([100, 200, 400]);
    expect(batches).toEqual([['a=1']]);
    expect([figures.dirty, clock.timers]).toEqual([0, 0]);
  });

  test('waits thirty seconds at the most, however often it failed, and begins small again after a success', async () => {
    write.mockRejectedValue(down);
    await set('a');
    await clock.advance(600_000);
    expect(failures.at(-1)!.retryIn).toBe(30_000);
    write.mockImplementation(async () => undefined);
    await clock.advance(30_000);
    expect(figures.dirty).toBe(0);
    failures.length = 0;
    write.mockRejectedValueOnce(down);
    await set('b');
    await clock.advance(2_000);
    expect(failures.map(({ retryIn }) => retryIn)).toEqual([100]);
  });

  test('is written with the newest values when it is tried again', async () => {
    write.mockRejectedValueOnce(down);
    await set('a', 1);
    await clock.advance(2_000);
    await set('a', 2);
    await clock.advance(100);
    expect(batches).toEqual([['a=2']]);
  });

  test('does not have a full ledger hammer a source that is down', async () => {
    write.mockRejectedValue(down);
    for (let i = 0; i < 50; i += 1) await set(`k${i}`);
    await settle();
    expect(write).toHaveBeenCalledTimes(1);
    for (let i = 50; i < 100; i += 1) await set(`k${i}`);
    await clock.advance(99);
    expect(write).toHaveBeenCalledTimes(1);
  });

  test('leaves what others wrote for later', async () => {
    write.mockRejectedValueOnce(down);
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(key, 1);
    await expect(flusher.flush()).rejects.toThrow('down');
    expect(figures.dirty).toBe(5);
    await clock.advance(2_000);
    expect(new Set(batches.flat())).toEqual(new Set(['a=1', 'b=1', 'c=1', 'd=1', 'e=1']));
  });
});

describe('flush', () => {
  test('resolves once everything that was noted is in the source, due or not', async () => {
    for (const key of ['a', 'b']) await set(key);
    await flusher.flush();
    expect(batches).toEqual([['a=1', 'b=1']]);
  });

  test('waits for a batch that is under way', async () => {
    const slow = deferred();
    write.mockReturnValueOnce(slow.promise);
    await set('a');
    await clock.advance(2_000);
    const settled = jest.fn();
    const flushed = flusher.flush().then(settled);
    await settle();
    expect(settled).not.toHaveBeenCalled();
    slow.resolve();
    await flushed;
    expect(figures.dirty).toBe(0);
  });

  test("rejects with the writer's own error, loses nothing, and a later one succeeds", async () => {
    const error = new Error('constraint');
    write.mockRejectedValueOnce(error);
    await set('a');
    await expect(flusher.flush()).rejects.toBe(error);
    expect(figures.dirty).toBe(1);
    await flusher.flush();
    expect(batches).toEqual([['a=1']]);
  });

  test('of nothing resolves', async () => {
    await expect(flusher.flush()).resolves.toBeUndefined();
  });

  test('comes to an end although somebody writes all the time', async () => {
    let written = 0;
    write.mockImplementation(async () => {
      written += 1;
      if (written < 1_000) await put(`more ${written}`, 1);
    });
    await set('a');
    await flusher.flush();
    expect(written).toBeLessThan(10);
  });

  test('reaches every key although one is written all the time', async () => {
    let written = 0;
    write.mockImplementation(async (records) => {
      batches.push(records.map(({ key }) => key));
      written += 1;
      if (written < 1_000) for (const key of ['a', 'b', 'c']) await put(key, written);
    });
    for (const key of ['a', 'b', 'c', 'd']) await put(key, 0);
    await flusher.flush();
    expect(batches.slice(0, 10).flat()).toContain('d');
    expect(written).toBeLessThan(10);
  });
});

describe('draining', () => {
  test('brings everything to the source, and leaves no timer', async () => {
    for (let i = 0; i < 8; i += 1) await put(`k${i}`, i);
    flusher.noted(figures.dirty);
    const left = flusher.drain(10_000);
    await settle();
    expect(await left).toBe(0);
    expect(batches.map((batch) => batch.length)).toEqual([3, 3, 2]);
    expect(clock.timers).toBe(0);
  });

  test('tries again what fails, while there is time', async () => {
    write.mockRejectedValueOnce(down).mockRejectedValueOnce(down);
    await set('a');
    const left = flusher.drain(10_000);
    await clock.advance(1_000);
    expect(await left).toBe(0);
    expect(batches).toEqual([['a=1']]);
  });

  test.each([
    ['fails', () => Promise.reject(down)],
    ['hangs', () => new Promise<void>(() => undefined)],
  ])('takes no longer than it may when the source %s, and tells how many are left', async (_name, writing) => {
    write.mockImplementation(writing);
    for (const key of ['a', 'b']) await set(key);
    const settled = jest.fn();
    const left = flusher.drain(1_000);
    void left.then(settled);
    await clock.advance(999);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(settled).toHaveBeenCalledWith(2);
    expect(clock.timers).toBe(0);
  });

  test('sets no timer for what is left, nor for a write that comes later', async () => {
    write.mockRejectedValue(down);
    await put('a', 1);
    expect(await flusher.drain(0)).toBe(1);
    flusher.noted(figures.dirty);
    expect(clock.timers).toBe(0);
  });
});
