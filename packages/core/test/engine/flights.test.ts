import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Flight, Flights } from '../../src/engine/flights.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { deferred } from '../support/deferred.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

describe('callers of one key', () => {
  test('share one flight, and its answer', async () => {
    const flights = new Flights<string>(clock);
    const landing = deferred<string>();
    const fly = jest.fn(() => landing.promise);
    const answers = [flights.join('a', fly), flights.join('a', fly), flights.join('a', fly)];
    landing.resolve('value');
    expect(await Promise.all(answers)).toEqual(['value', 'value', 'value']);
    expect(fly).toHaveBeenCalledTimes(1);
  });

  test('share its failure, and the next one starts anew', async () => {
    const flights = new Flights<string>(clock);
    const landing = deferred<string>();
    const error = new Error('no');
    const answers = [flights.join('a', () => landing.promise), flights.join('a', () => landing.promise)];
    landing.reject(error);
    for (const answer of answers) await expect(answer).rejects.toBe(error);
    await expect(flights.join('a', async () => 'value')).resolves.toBe('value');
  });

  test('share one promise, however many have joined', async () => {
    const flights = new Flights<string>(clock);
    const landing = deferred<string>();
    void flights.join('a', () => landing.promise);
    expect(flights.joined('a')).toBeUndefined();
    const joined = flights.join('a', () => landing.promise);
    expect(flights.join('a', () => landing.promise)).toBe(joined);
    expect(flights.joined('a')).toBe(joined);
    landing.resolve('value');
    expect(await joined).toBe('value');
    expect(flights.joined('a')).toBeUndefined();
  });

  test('do not join the flight of another key', async () => {
    const flights = new Flights<string>(clock);
    expect(await Promise.all(['a', 'b'].map((key) => flights.join(key, async () => key)))).toEqual(['a', 'b']);
  });

  test('make no unhandled rejection when nobody looks at a failed flight', async () => {
    const flights = new Flights<string>(clock);
    const fly = (): Promise<string> => Promise.reject(new Error('no'));
    await flights.join('a', fly).catch(() => undefined);
    expect(flights.size).toBe(0);
  });
});

describe('a flight', () => {
  test('is over once it has landed, and leaves nothing behind', async () => {
    const flights = new Flights<string>(clock);
    await flights.join('a', async () => 'value');
    await turn();
    expect(flights.size).toBe(0);
    expect(flights.get('a')).toBeUndefined();
  });

  test('stays joinable until its fill has settled, so that no caller in the gap loads again', async () => {
    const flights = new Flights<string>(clock);
    const fill = deferred<boolean>();
    const fly = jest.fn(async (flight: Flight<string>) => {
      flight.keepUntil(fill.promise);
      return 'value';
    });
    await flights.join('a', fly);
    await turn();
    const inTheGap = flights.join('a', fly);
    fill.resolve(true);
    expect(await inTheGap).toBe('value');
    expect(fly).toHaveBeenCalledTimes(1);
    expect(flights.size).toBe(0);
  });

  test('whose fill is refused answers who started it; who joined it gets the answer of one that began later', async () => {
    const flights = new Flights<string>(clock);
    const [load, fill] = [deferred<string>(), deferred<boolean>()];
    const first = flights.join('a', (flight) => {
      flight.keepUntil(fill.promise);
      return load.promise;
    });
    const later = jest.fn(async () => 'new');
    const joined = [flights.join('a', later), flights.join('a', later)];
    load.resolve('old');
    expect(await first).toBe('old');
    expect(later).not.toHaveBeenCalled();
    fill.resolve(false);
    expect(await Promise.all(joined)).toEqual(['new', 'new']);
    expect(later).toHaveBeenCalledTimes(1);
  });
});

describe('a write or an invalidation', () => {
  test('detaches the flight: who had joined is answered, who comes later starts a new one', async () => {
    const flights = new Flights<string>(clock);
    const old = deferred<string>();
    let first: Flight<string> | undefined;
    const joined = flights.join('a', (flight) => {
      first = flight;
      return old.promise;
    });
    expect(first!.attached).toBe(true);
    flights.detach('a');
    expect(first!.attached).toBe(false);
    const later = flights.join('a', async () => 'new');
    old.resolve('old');
    expect(await Promise.all([joined, later])).toEqual(['old', 'new']);
  });

  test('lets an old flight that lands late not end the new one', async () => {
    const flights = new Flights<string>(clock);
    const [old, young] = [deferred<string>(), deferred<string>()];
    const joined = flights.join('a', () => old.promise);
    flights.detach('a');
    const later = flights.join('a', () => young.promise);
    old.resolve('old');
    await joined;
    await turn();
    const fly = jest.fn(async () => 'third');
    const latest = flights.join('a', fly);
    young.resolve('young');
    expect(await Promise.all([later, latest])).toEqual(['young', 'young']);
    expect(fly).not.toHaveBeenCalled();
  });

  test('of everything detaches all flights, and no other key is touched by one of a single key', () => {
    const flights = new Flights<string>(clock);
    const pending = deferred<string>();
    const keys = ['a', 'b', 'c'];
    const started = keys.map((key) => flights.start(key, () => pending.promise));
    flights.detach('a');
    flights.detach('never flown');
    expect(started.map((flight) => flight.attached)).toEqual([false, true, true]);
    flights.detachAll();
    expect(started.map((flight) => flight.attached)).toEqual([false, false, false]);
    expect(flights.size).toBe(0);
  });

  test('may come with a flight that takes the place of another', () => {
    const flights = new Flights<string>(clock);
    const pending = deferred<string>();
    const first = flights.start('a', () => pending.promise);
    const second = flights.start('a', () => pending.promise);
    expect([first.attached, second.attached]).toEqual([false, true]);
    expect(flights.size).toBe(1);
  });
});

describe('a caller who wants what begins no earlier than now', () => {
  test('starts a flight where there is none', async () => {
    const flights = new Flights<string>(clock);
    expect(await flights.next('a', async () => 'value')).toBe('value');
    await turn();
    expect(flights.size).toBe(0);
  });

  test('shares the one after the current with all who come meanwhile', async () => {
    const flights = new Flights<string>(clock);
    const old = deferred<string>();
    const first = flights.join('a', () => old.promise);
    const later = jest.fn(async () => 'new');
    const next = [flights.next('a', later), flights.next('a', later), flights.next('a', later)];
    await turn();
    expect(later).not.toHaveBeenCalled();
    old.resolve('old');
    expect(await first).toBe('old');
    expect(await Promise.all(next)).toEqual(['new', 'new', 'new']);
    expect(later).toHaveBeenCalledTimes(1);
  });

  test('waits until the fill of the current one has settled, so that fills come in their order', async () => {
    const flights = new Flights<string>(clock);
    const fill = deferred<boolean>();
    await flights.join('a', async (flight) => {
      flight.keepUntil(fill.promise);
      return 'old';
    });
    const later = jest.fn(async () => 'new');
    const next = flights.next('a', later);
    await turn();
    expect(later).not.toHaveBeenCalled();
    fill.resolve(true);
    expect(await next).toBe('new');
  });

  test('gets the answer of the next one although the current one fails', async () => {
    const flights = new Flights<string>(clock);
    const old = deferred<string>();
    const first = flights.join('a', () => old.promise);
    const next = flights.next('a', async () => 'new');
    old.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    expect(await next).toBe('new');
  });

  test('who comes while the next one flies waits for one more', async () => {
    const flights = new Flights<string>(clock);
    const landings = [deferred<string>(), deferred<string>(), deferred<string>()];
    let flown = 0;
    const fly = (): Promise<string> => landings[flown++]!.promise;
    const answers = [flights.join('a', fly), flights.next('a', fly)];
    landings[0]!.resolve('first');
    await turn();
    answers.push(flights.next('a', fly));
    landings[1]!.resolve('second');
    landings[2]!.resolve('third');
    expect(await Promise.all(answers)).toEqual(['first', 'second', 'third']);
  });
});

describe('an overdue flight', () => {
  const overdue = (flights: Flights<string>): Flight<string> => {
    const flight = flights.start('a', () => deferred<string>().promise);
    flights.expire('a', flight);
    return flight;
  };

  test('is joined by nobody, and may still keep what it brings', async () => {
    const flights = new Flights<string>(clock);
    const flight = overdue(flights);
    expect([flight.attached, flights.size]).toEqual([true, 0]);
    expect(await flights.join('a', async () => 'new')).toBe('new');
  });

  test('may keep what it brings too when something was invalidated before it was overdue', async () => {
    const flights = new Flights<string>(clock);
    const answer = deferred<string>();
    const flight = flights.start('a', () => answer.promise);
    flight.answer.catch(() => undefined);
    flights.supersedeAll();
    flights.expire('a', flight);
    answer.reject(new Error('too late'));
    await turn();
    expect(flight.attached).toBe(true);
    flights.dismiss('a', flight);
    expect(flight.attached).toBe(false);
  });

  test('keeps nothing once the key was written, or everything was invalidated', () => {
    const flights = new Flights<string>(clock);
    const written = overdue(flights);
    flights.detach('a');
    expect(written.attached).toBe(false);
    const invalidated = overdue(flights);
    flights.detachAll();
    expect(invalidated.attached).toBe(false);
  });

  test('keeps nothing once it was dismissed', () => {
    const flights = new Flights<string>(clock);
    const first = overdue(flights);
    const second = overdue(flights);
    flights.dismiss('a', first);
    expect([first.attached, second.attached]).toEqual([false, true]);
  });

  test('keeps nothing once one that began later has brought what is kept', () => {
    const flights = new Flights<string>(clock);
    const [first, second, third] = [overdue(flights), overdue(flights), overdue(flights)];
    flights.outrun('a', second);
    expect([first.attached, second.attached, third.attached]).toEqual([false, true, true]);
    const other = flights.start('b', () => deferred<string>().promise);
    flights.outrun('b', other);
    expect(third.attached).toBe(true);
  });

  test('that has been replaced before it is overdue stays detached', () => {
    const flights = new Flights<string>(clock);
    const first = flights.start('a', () => deferred<string>().promise);
    const second = flights.start('a', () => deferred<string>().promise);
    flights.expire('a', first);
    expect([first.attached, second.attached, flights.get('a')]).toEqual([false, true, second]);
  });
});

test('a flight tells when it began', async () => {
  const flights = new Flights<string>(clock);
  await clock.advance(5);
  const begunAt = clock.elapsed();
  const flight = flights.start('a', () => deferred<string>().promise);
  await clock.advance(5);
  expect(flight.begunAt).toBe(begunAt);
});

describe('an invalidation that may concern what a flight brings, or may not', () => {
  test('has nobody join it who comes later, and what it brings may be kept', async () => {
    const flights = new Flights<string>(clock);
    const landing = deferred<string>();
    const flight = flights.start('a', () => landing.promise);
    const joined = flights.join('a', async () => 'never');
    flights.supersedeAll();
    expect(await flights.join('a', async () => 'new')).toBe('new');
    expect(flight.attached).toBe(true);
    landing.resolve('old');
    expect([await flight.answer, await joined]).toEqual(['old', 'old']);
  });

  test('leaves nothing behind once the flight has landed', async () => {
    const flights = new Flights<string>(clock);
    const flight = flights.start('a', async () => 'value');
    flights.supersedeAll();
    await flight.answer;
    await turn();
    const later = flights.start('a', async () => 'value');
    flights.outrun('a', later);
    flights.detach('a');
    expect(flight.attached).toBe(false);
  });
});

test('a loader that asks for its own key before it has begun waits for itself, and harms no other caller', async () => {
  const flights = new Flights<string>(clock);
  const own: Promise<string>[] = [];
  const first = flights.join('a', async () => {
    own.push(
      flights.join('a', async () => 'never'),
      flights.next('a', async () => 'next'),
    );
    return 'value';
  });
  expect(await Promise.all([first, flights.join('a', async () => 'never'), ...own])).toEqual([
    'value',
    'value',
    'value',
    'next',
  ]);
});
