import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Claim, claim } from '../../src/engine/claim.ts';
import type { FarTier, LeaseOutcome, Lookup } from '../../src/engine/far-tier.ts';
import type { Budget } from '../../src/layers/deadline.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { entryOf } from '../support/entry.ts';
import { farTier } from '../support/far-tier.ts';

const entry = entryOf();
const granted: LeaseOutcome = { state: 'granted', lease: { token: 't', stopBeating: () => undefined } };
const held: LeaseOutcome = { state: 'held' };

let clock: ManualClock;
let waiting: jest.Mock<() => void>;
beforeEach(() => {
  clock = new ManualClock();
  waiting = jest.fn();
});

function ask(far: Partial<FarTier>, lookup?: Promise<Lookup>): Promise<Claim> {
  return claim({ far: farTier(clock, far), key: '7', clock, random: () => 1, lookup, waiting });
}

const reads = (lookup: Lookup) => ({ read: async () => [lookup] });
const leases = (...outcomes: LeaseOutcome[]) => {
  const lease = jest.fn<FarTier['lease']>();
  for (const outcome of outcomes.slice(0, -1)) lease.mockResolvedValueOnce(outcome);
  return lease.mockResolvedValue(outcomes.at(-1)!);
};

describe('a value in the far tier', () => {
  test('is found by one look, and no lease is asked for', async () => {
    const askedAt = clock.now();
    expect(await ask(reads({ state: 'hit', entry }))).toEqual({ state: 'found', entry, askedAt });
  });

  test('is found by the look that was made for the whole batch', async () => {
    const found = await ask({}, Promise.resolve({ state: 'hit', entry }));
    expect(found).toMatchObject({ state: 'found', entry });
  });

  test('that came between look and lease is found, as of the second question', async () => {
    const lookup = clock.advance(20).then((): Lookup => ({ state: 'miss' }));
    const before = clock.now();
    expect(await ask({ lease: leases({ state: 'filled', entry }) }, lookup)).toEqual({
      state: 'found',
      entry,
      askedAt: before + 20,
    });
  });
});

describe('without a value', () => {
  test('the holder of the lease loads for everybody', async () => {
    expect(await ask({ ...reads({ state: 'miss' }), lease: leases(granted) })).toEqual({
      state: 'load',
      keep: 'everywhere',
      ...(granted.state === 'granted' ? { lease: granted.lease } : {}),
    });
    expect(waiting).not.toHaveBeenCalled();
  });

  test('a value that is too old is shown when asking for the lease, so that it does not count', async () => {
    const seen = Buffer.from('old');
    const lease = leases(granted);
    await ask({ ...reads({ state: 'miss', seen }), lease });
    expect(lease.mock.calls[0]![2]).toBe(seen);
  });

  test('a tier that is off costs nothing more: this process loads for itself', async () => {
    expect(await ask(reads({ state: 'off' }))).toEqual({ state: 'load', keep: 'memory' });
  });

  test('a tier that goes off meanwhile has this process load for itself', async () => {
    expect(await ask({ ...reads({ state: 'miss' }), lease: leases({ state: 'off' }) })).toEqual({
      state: 'load',
      keep: 'memory',
    });
  });

  test('while somebody writes, what is loaded is kept nowhere', async () => {
    expect(await ask({ ...reads({ state: 'miss' }), lease: leases({ state: 'writing' }) })).toEqual({
      state: 'load',
      keep: 'nowhere',
    });
  });
});

describe('while another process holds the lease', () => {
  test('the reader asks again at growing pauses, and takes what the holder brings', async () => {
    const asked: number[] = [];
    const begun = clock.now();
    const lease = leases(held, held, held, held, held, held, { state: 'filled', entry });
    const noting: FarTier['lease'] = (...args) => {
      asked.push(clock.now() - begun);
      return lease(...args);
    };
    const read = jest.fn<FarTier['read']>().mockResolvedValue([{ state: 'hit', entry }]);
    const found = ask({ read: read.mockResolvedValueOnce([{ state: 'miss' }]), lease: noting });
    await clock.advance(1_000);
    expect(await found).toMatchObject({ state: 'found', entry, askedAt: begun + asked.at(-1)! });
    // It looks once more, since tags may have been invalidated meanwhile.
    expect(read).toHaveBeenCalledTimes(2);
    expect(asked).toEqual([0, 4, 12, 28, 60, 110, 160]);
    expect(waiting).toHaveBeenCalled();
    expect(clock.timers).toBe(0);
  });

  test('what the holder brings does not count if it was invalidated meanwhile', async () => {
    const seen = Buffer.from('invalid');
    const lease = leases(held, { state: 'filled', entry }, granted);
    const read = jest.fn<FarTier['read']>().mockResolvedValue([{ state: 'miss', seen }]);
    const taken = ask({ read: read.mockResolvedValueOnce([{ state: 'miss' }]), lease });
    await clock.advance(1_000);
    expect(await taken).toMatchObject({ state: 'load', keep: 'everywhere' });
    expect(lease.mock.calls.map((call) => call[2])).toEqual([undefined, undefined, seen]);
  });

  test('the reader takes over when the holder dies', async () => {
    const taken = ask({ ...reads({ state: 'miss' }), lease: leases(held, held, granted) });
    await clock.advance(1_000);
    expect(await taken).toMatchObject({ state: 'load', keep: 'everywhere' });
  });

  test('each question has a budget of its own, since the wait is not the fault of the tier', async () => {
    const left: number[] = [];
    const lease = leases(held, held, held, granted);
    const noting: FarTier['lease'] = (key, budget: Budget, seen) => {
      left.push(budget.left);
      return lease(key, budget, seen);
    };
    const taken = ask({ ...reads({ state: 'miss' }), lease: noting });
    await clock.advance(1_000);
    await taken;
    expect(left).toEqual([150, 150, 150, 150]);
  });

  test.each([
    ['holds its lease for ever', leases(held)],
    ['is told of as ready, and never found', leases(held, { state: 'filled', entry })],
  ])('the reader loads for itself after ten seconds when the load %s, and keeps nothing', async (_name, lease) => {
    const settled = jest.fn();
    const given = ask({ ...reads({ state: 'miss' }), lease });
    void given.then(settled);
    await clock.advance(9_900);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(200);
    expect(await given).toEqual({ state: 'load', keep: 'nowhere' });
    expect(clock.timers).toBe(0);
  });
});
