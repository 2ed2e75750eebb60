import { describe, expect, jest, test } from '@jest/globals';
import { type Flight, Flights } from '../../src/engine/flights.ts';
import { deferred } from '../support/deferred.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('callers of one key', () => {
  test('share one flight, and its answer', async () => {
    const flights = new Flights<string>();
    const landing = deferred<string>();
    const fly = jest.fn(() => landing.promise);
    const answers = [flights.join('a', fly), flights.join('a', fly), flights.join('a', fly)];
    landing.resolve('value');
    expect(await Promise.all(answers)).toEqual(['value', 'value', 'value']);
    expect(fly).toHaveBeenCalledTimes(1);
  });

  test('share its failure, and the next one starts anew', async () => {
    const flights = new Flights<string>();
    const landing = deferred<string>();
    const error = new Error('no');
    const answers = [flights.join('a', () => landing.promise), flights.join('a', () => landing.promise)];
    landing.reject(error);
    for (const answer of answers) await expect(answer).rejects.toBe(error);
    await expect(flights.join('a', async () => 'value')).resolves.toBe('value');
  });

  test('do not join the flight of another key', async () => {
    const flights = new Flights<string>();
    expect(await Promise.all(['a', 'b'].map((key) => flights.join(key, async () => key)))).toEqual(['a', 'b']);
  });

  test('make no unhandled rejection when nobody looks at a failed flight', async () => {
    const flights = new Flights<string>();
    const fly = (): Promise<string> => Promise.reject(new Error('no'));
    expect(await unhandledDuring(async () => flights.join('a', fly).catch(() => undefined))).toEqual([]);
    expect(flights.size).toBe(0);
  });
});

describe('a flight', () => {
  test('is over once it has landed, and leaves nothing behind', async () => {
    const flights = new Flights<string>();
    await flights.join('a', async () => 'value');
    await turn();
    expect(flights.size).toBe(0);
    expect(flights.has('a')).toBe(false);
  });

  test('stays joinable until its fill has settled, so that no caller in the gap loads again', async () => {
    const flights = new Flights<string>();
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
    const flights = new Flights<string>();
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
    const flights = new Flights<string>();
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
    const flights = new Flights<string>();
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
    const flights = new Flights<string>();
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
    const flights = new Flights<string>();
    const pending = deferred<string>();
    const first = flights.start('a', () => pending.promise);
    const second = flights.start('a', () => pending.promise);
    expect([first.attached, second.attached]).toEqual([false, true]);
    expect(flights.size).toBe(1);
  });
});
