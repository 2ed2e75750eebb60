import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Claim, claim } from '../../src/engine/claim.ts';
import type { FarEntry, FarTier, LeaseOutcome, Lookup } from '../../src/engine/far-tier.ts';
import type { Budget } from '../../src/layers/deadline.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { farEntryOf, farTier } from '../support/far-tier.ts';

const granted: LeaseOutcome = { state: 'granted', lease: { token: 't', stopBeating: () => undefined } };
const held: LeaseOutcome = { state: 'held' };
const nothing: Lookup = { state: 'nothing' };
const found: Lookup = { state: 'found', found: farEntryOf() };
const filled: LeaseOutcome = { state: 'filled', lookup: found };

let clock: ManualClock;
let waiting: jest.Mock<() => void>;
beforeEach(() => {
  clock = new ManualClock();
  waiting = jest.fn();
});

interface Asked {
  readonly lookup?: Lookup;
  readonly accepts?: (found: FarEntry) => boolean;
}

function ask(far: Partial<FarTier>, { lookup = nothing, accepts = () => true }: Asked = {}): Promise<Claim> {
  const tier = farTier(clock, far);
  return claim({
    far: tier,
    key: '7',
    clock,
    random: () => 1,
    lookup,
    budget: tier.budget(),
    accepts,
    waiting,
  });
}

const leases = (...outcomes: LeaseOutcome[]) => {
  const lease = jest.fn<FarTier['lease']>();
  for (const outcome of outcomes.slice(0, -1)) lease.mockResolvedValueOnce(outcome);
  return lease.mockResolvedValue(outcomes.at(-1)!);
};

describe('without a value', () => {
  test('the holder of the lease loads for everybody', async () => {
    expect(await ask({ lease: leases(granted) })).toEqual({
      state: 'load',
      keep: 'everywhere',
      ...(granted.state === 'granted' ? { lease: granted.lease } : {}),
    });
    expect(waiting).not.toHaveBeenCalled();
  });

  test.each<[string, Lookup]>([
    ['nothing of use', { state: 'nothing', seen: Buffer.from('stale') }],
    ['a value that is too old', { state: 'found', found: farEntryOf({}, 'stale') }],
  ])('%s is shown when asking for the lease, so that it does not count', async (_name, lookup) => {
    const lease = leases(granted);
    await ask({ lease }, { lookup });
    expect(lease.mock.calls[0]![2]).toEqual(Buffer.from('stale'));
  });

  test('a tier that is off costs nothing more: this process loads for itself', async () => {
    expect(await ask({}, { lookup: { state: 'off' } })).toEqual({ state: 'load', keep: 'memory' });
  });

  test('a tier that goes off meanwhile has this process load for itself', async () => {
    expect(await ask({ lease: leases({ state: 'off' }) })).toEqual({ state: 'load', keep: 'memory' });
  });

  test('while somebody writes, what is loaded is kept nowhere', async () => {
    expect(await ask({ lease: leases({ state: 'writing' }) })).toEqual({ state: 'load', keep: 'nowhere' });
  });
});

describe('a value that came between look and lease', () => {
  test('is found, as of the question for the lease', async () => {
    await clock.advance(20);
    expect(await ask({ lease: leases(filled) })).toEqual({ ...found, askedAt: clock.elapsed() });
  });

  test('does not do where only a newer one will: it is shown, and this process loads', async () => {
    const lease = leases(filled, granted);
    const accepts = jest.fn<(found: FarEntry) => boolean>(() => false);
    expect(await ask({ lease }, { accepts })).toMatchObject({ state: 'load', keep: 'everywhere' });
    expect(accepts).toHaveBeenCalledWith(farEntryOf());
    expect(lease.mock.calls.map((call) => call[2])).toEqual([undefined, Buffer.from('fresh')]);
  });

  test('is given as it is where it is a write that the source has not got yet', async () => {
    const unwritten: Lookup = { state: 'unwritten', kept: farEntryOf().kept };
    expect(await ask({ lease: leases({ state: 'filled', lookup: unwritten }) })).toEqual(unwritten);
  });

  test('is not asked for again where it cannot be had: this process loads for itself', async () => {
    const lease = leases({ state: 'filled', lookup: { state: 'off' } });
    expect(await ask({ lease })).toEqual({ state: 'load', keep: 'memory' });
  });
});

describe('while another process holds the lease', () => {
  test('the reader asks again at growing pauses, and takes what the holder brings', async () => {
    const asked: number[] = [];
    const begun = clock.now();
    const lease = leases(held, held, held, held, held, held, filled);
    const noting: FarTier['lease'] = (...args) => {
      asked.push(clock.now() - begun);
      return lease(...args);
    };
    const read = jest.fn<FarTier['read']>().mockResolvedValue(found);
    const taken = ask({ read, lease: noting });
    await clock.advance(1_000);
    expect(await taken).toEqual({ ...found, askedAt: begun + asked.at(-1)! });
    // It looks once more, since tags may have been invalidated meanwhile.
    expect(read).toHaveBeenCalledTimes(1);
    expect(asked).toEqual([0, 4, 12, 28, 60, 110, 160]);
    expect(waiting).toHaveBeenCalled();
    expect(clock.timers).toBe(0);
  });

  test('what the holder brings does not count if it was invalidated meanwhile', async () => {
    const seen = Buffer.from('invalid');
    const lease = leases(held, filled, granted);
    const read = jest.fn<FarTier['read']>().mockResolvedValue({ state: 'nothing', seen });
    const taken = ask({ read, lease });
    await clock.advance(1_000);
    expect(await taken).toMatchObject({ state: 'load', keep: 'everywhere' });
    expect(lease.mock.calls.map((call) => call[2])).toEqual([undefined, undefined, seen]);
  });

  test('the reader takes over when the holder dies', async () => {
    const taken = ask({ lease: leases(held, held, granted) });
    await clock.advance(1_000);
    expect(await taken).toMatchObject({ state: 'load', keep: 'everywhere' });
  });

  test('each question after a wait has a budget of its own, since the wait is not the fault of the tier', async () => {
    const left: number[] = [];
    const lease = leases(held, held, held, granted);
    const noting: FarTier['lease'] = (key, budget: Budget, seen) => {
      left.push(budget.left);
      return lease(key, budget, seen);
    };
    const taken = ask({ lease: noting });
    await clock.advance(1_000);
    await taken;
    expect(left).toEqual([150, 150, 150, 150]);
  });

  test.each([
    ['holds its lease for ever', leases(held)],
    ['is told of as ready, and never found', leases(held, filled)],
  ])('the reader loads for itself after ten seconds when the load %s, and keeps nothing', async (_name, lease) => {
    const settled = jest.fn();
    const given = ask({ read: async () => nothing, lease });
    void given.then(settled);
    await clock.advance(9_900);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(200);
    expect(await given).toEqual({ state: 'load', keep: 'nowhere' });
    expect(clock.timers).toBe(0);
  });
});
