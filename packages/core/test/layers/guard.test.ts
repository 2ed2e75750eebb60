import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Budget } from '../../src/layers/deadline.ts';
import { Guard, type GuardOptions } from '../../src/layers/guard.ts';
import { CacheError } from '../../src/model/errors.ts';
import { type CacheEvents, type EventName, Events } from '../../src/model/events.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { deferred } from '../support/deferred.ts';
import { rejectionOf } from '../support/failure.ts';

const broken = new Error('ECONNRESET');
const never = new Promise<never>(() => undefined);

let clock: ManualClock;
let told: string[];
let ping: jest.Mock<() => Promise<void>>;
let repair: jest.Mock<() => Promise<void>>;
let reset: jest.Mock<() => void>;
let guard: Guard;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  const events = new Events();
  const names: EventName[] = ['storeError', 'storeDown', 'storeUp'];
  for (const name of names)
    events.on(name, (event: CacheEvents[EventName]) => told.push(`${name} of ${'store' in event ? event.store : '?'}`));
  ping = jest.fn(async () => undefined);
  repair = jest.fn(async () => undefined);
  reset = jest.fn();
  const options: GuardOptions = { store: 'redis', clock, events, space: { ping, reset }, deadline: 150, repair };
  guard = new Guard(options);
});

const run = <T>(work: () => Promise<T>): Promise<T> => guard.run(new Budget(clock, 150), work);
const fail = async (times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) await run(() => Promise.reject(broken)).catch(() => undefined);
};
const hang = async (times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) {
    const call = run(() => never).catch(() => undefined);
    await clock.advance(150);
    await call;
  }
};

describe('a call', () => {
  test('gives what the store gives', async () => {
    await expect(run(async () => 'value')).resolves.toBe('value');
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('fails as the store fails, and an event tells', async () => {
    await expect(run(() => Promise.reject(broken))).rejects.toBe(broken);
    expect(told).toEqual(['storeError of redis']);
  });

  test('fails as a store that throws at once, and an event tells', async () => {
    await expect(
      run(() => {
        throw broken;
      }),
    ).rejects.toBe(broken);
    expect(told).toEqual(['storeError of redis']);
  });

  test('for which little time is left fails without being held against the store', async () => {
    for (let times = 0; times < 10; times += 1) {
      const budget = new Budget(clock, 150);
      expect(budget.left).toBe(150);
      await clock.advance(100);
      const call = rejectionOf(guard.run(budget, () => never));
      await clock.advance(50);
      expect(await call).toMatchObject({ code: 'STORE_TIMEOUT' });
    }
    expect(guard.down).toBe(false);
    await hang(5);
    expect(guard.down).toBe(true);
  });

  test('for which no time is left is not made, nor held against the store', async () => {
    const budget = new Budget(clock, 150);
    expect(budget.left).toBe(150);
    await clock.advance(150);
    const work = jest.fn(async () => 'value');
    for (let times = 0; times < 10; times += 1) {
      await expect(guard.run(budget, work)).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    }
    expect(work).not.toHaveBeenCalled();
    expect([told, guard.down]).toEqual([[], false]);
  });

  test('has what is left of its budget, not a deadline of its own', async () => {
    const budget = new Budget(clock, 150);
    await clock.advance(1_000);
    expect(budget.left).toBe(150);
    await clock.advance(100);
    const answer = rejectionOf(guard.run(budget, () => never));
    await clock.advance(50);
    expect(await answer).toMatchObject({ code: 'STORE_TIMEOUT', message: 'redis did not answer within 50 ms' });
  });
});

describe('a store that fails again and again', () => {
  test('is left alone after five failures in a row', async () => {
    await fail(4);
    expect(guard.down).toBe(false);
    await fail(1);
    expect(guard.down).toBe(true);
    expect(told).toEqual([...Array<string>(5).fill('storeError of redis'), 'storeDown of redis']);
  });

  test('is not left alone while it answers now and then', async () => {
    for (let i = 0; i < 10; i += 1) {
      await fail(4);
      await run(async () => undefined);
    }
    expect(guard.down).toBe(false);
  });

  test('is not called at all while it is left alone', async () => {
    await fail(5);
    told.length = 0;
    const work = jest.fn(async () => 'value');
    const error = await rejectionOf(run(work));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', store: 'redis' });
    expect(work).not.toHaveBeenCalled();
    expect(told).toEqual([]);
  });

  test('costs a caller one deadline at most when it is frozen, and its connection is given up', async () => {
    await hang(5);
    expect(guard.down).toBe(true);
    expect(reset).toHaveBeenCalledTimes(1);
  });

  test('keeps its connection when it does answer, if only with errors', async () => {
    await fail(5);
    expect(reset).not.toHaveBeenCalled();
  });

  test('is told of as down once, however many calls were under way', async () => {
    const calls = Array.from({ length: 20 }, () => run(() => never).catch(() => undefined));
    await clock.advance(150);
    await Promise.all(calls);
    expect(told.filter((each) => each.startsWith('storeDown'))).toHaveLength(1);
    expect(reset).toHaveBeenCalledTimes(1);
  });

  test('is probed although its connection cannot even be given up', async () => {
    reset.mockImplementation(() => {
      throw new Error('reset is broken too');
    });
    await hang(5);
    ping.mockImplementation(() => never);
    await clock.advance(10_000);
    ping.mockResolvedValue(undefined);
    await clock.advance(1_000);
    expect(guard.down).toBe(false);
  });
});

describe('a store that was left alone', () => {
  beforeEach(async () => {
    await fail(5);
    told.length = 0;
  });

  test('is let in again once a probe, 250 ms later, finds it well', async () => {
    await clock.advance(249);
    expect(ping).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(guard.down).toBe(false);
    expect(told).toEqual(['storeUp of redis']);
    expect(clock.timers).toBe(0);
  });

  test('is probed until it is well, and costs no caller anything meanwhile', async () => {
    ping.mockRejectedValue(broken);
    await clock.advance(2_500);
    expect(ping).toHaveBeenCalledTimes(10);
    expect(told).toEqual([]);
    ping.mockResolvedValue(undefined);
    await clock.advance(250);
    expect(told).toEqual(['storeUp of redis']);
  });

  test('is probed within a deadline, and its connection given up after eight that hung', async () => {
    ping.mockImplementation(() => never);
    await clock.advance(8 * 400 - 1);
    expect([ping.mock.calls.length, reset.mock.calls.length]).toEqual([8, 0]);
    await clock.advance(1);
    expect(reset).toHaveBeenCalledTimes(1);
    await clock.advance(8 * 400);
    expect(reset).toHaveBeenCalledTimes(2);
  });

  test('is let in only after all repairs are made', async () => {
    const repaired = deferred();
    repair.mockReturnValue(repaired.promise);
    await clock.advance(250);
    expect(guard.down).toBe(true);
    expect((await rejectionOf(run(async () => 'value'))).code).toBe('STORE_UNAVAILABLE');
    repaired.resolve();
    await clock.advance(0);
    expect(guard.down).toBe(false);
  });

  test('is probed again when its repairs fail', async () => {
    repair.mockRejectedValueOnce(broken);
    await clock.advance(250);
    expect(guard.down).toBe(true);
    await clock.advance(250);
    expect(guard.down).toBe(false);
    expect(repair).toHaveBeenCalledTimes(2);
  });

  test('is repaired again when something is owed while its repairs end', async () => {
    const repaired = deferred();
    repair.mockReturnValueOnce(repaired.promise);
    await clock.advance(250);
    guard.recoverSoon();
    repaired.resolve();
    await clock.advance(250);
    expect(repair).toHaveBeenCalledTimes(2);
    expect(told).toEqual(['storeUp of redis']);
    expect(clock.timers).toBe(0);
  });

  test('has to fail five times again before it is left alone again', async () => {
    await clock.advance(250);
    await fail(4);
    expect(guard.down).toBe(false);
    await fail(1);
    expect(guard.down).toBe(true);
  });
});

describe('a single repair', () => {
  test('is made without the store having been left alone, and tells nothing', async () => {
    guard.recoverSoon();
    guard.recoverSoon();
    await clock.advance(250);
    expect(repair).toHaveBeenCalledTimes(1);
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});

describe('a closed guard', () => {
  test('lets no call through', async () => {
    guard.close();
    const work = jest.fn(async () => 'value');
    expect((await rejectionOf(run(work))).code).toBe('STORE_UNAVAILABLE');
    expect(work).not.toHaveBeenCalled();
  });

  test('tells nothing of the calls that were under way', async () => {
    const call = run(() => never).catch(() => undefined);
    guard.close();
    await clock.advance(150);
    await call;
    expect(told).toEqual([]);
  });

  test('probes no more', async () => {
    await fail(5);
    guard.close();
    expect(clock.timers).toBe(0);
    guard.recoverSoon();
    await clock.advance(10_000);
    expect(ping).not.toHaveBeenCalled();
  });

  test('neither repairs nor tells anything when its last probe comes back', async () => {
    await fail(5);
    told.length = 0;
    const answered = deferred();
    ping.mockReturnValue(answered.promise);
    await clock.advance(250);
    guard.close();
    answered.resolve();
    await clock.advance(10_000);
    expect(repair).not.toHaveBeenCalled();
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('tells nothing when its last repair comes back', async () => {
    await fail(5);
    told.length = 0;
    const repaired = deferred();
    repair.mockReturnValue(repaired.promise);
    await clock.advance(250);
    guard.close();
    repaired.resolve();
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(reset).not.toHaveBeenCalled();
  });
});

describe('what does not count as an outage', () => {
  test('is a store that answers with a refusal, however often', async () => {
    const refusal = new CacheError('STORE_REFUSED', 'OOM command not allowed');
    for (let i = 0; i < 20; i += 1) await expect(run(() => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(guard.down).toBe(false);
    expect(told).toEqual(Array.from({ length: 20 }, () => 'storeError of redis'));
  });

  test('is a call that waits too long in our own queue while the store answers others', async () => {
    const late = Array.from({ length: 20 }, () =>
      run(() => never).catch((error: unknown) => (error as CacheError).code),
    );
    await clock.advance(100);
    await run(async () => 'answered');
    await clock.advance(50);
    expect(new Set(await Promise.all(late))).toEqual(new Set(['STORE_TIMEOUT']));
    expect(guard.down).toBe(false);
    expect(reset).not.toHaveBeenCalled();
  });
});
