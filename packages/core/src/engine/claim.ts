import { type Clock, delay } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { FarTier, Lease, Lookup } from './far-tier.ts';

/** How a read goes on once the far tier has been asked. */
export type Claim =
  /** A value was there; `askedAt` is an instant at which it was, by `Clock.elapsed`. */
  | { readonly state: 'found'; readonly entry: Entry; readonly askedAt: number }
  /** This process loads, and what it brings goes everywhere, to memory only, or nowhere. */
  | { readonly state: 'load'; readonly keep: 'everywhere'; readonly lease: Lease }
  | { readonly state: 'load'; readonly keep: 'memory' | 'nowhere' };

/** For how long, in milliseconds, a reader waits on the leases of others before it loads without one. */
const longestWait = 10_000;
const shortestPause = 4;
const longestPause = 50;

/** What a read needs to come to a claim. */
export interface ClaimOptions {
  readonly far: FarTier;
  readonly key: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The lookup of a batch that the key is part of. */
  readonly lookup: Promise<Lookup> | undefined;
  /** Called before each pause, when another process turns out to be loading. */
  readonly waiting: () => void;
}

/**
 * Finds the value in the far tier, or gets the right to load it: of all processes one holds the lease, and the
 * others wait for what it brings, or for its lease to run out.
 */
export async function claim({ far, key, clock, random, lookup, waiting }: ClaimOptions): Promise<Claim> {
  let budget = far.budget();
  const begun = clock.elapsed();
  let askedAt = begun;
  const first = await (lookup ?? far.read([key], budget).then((lookups) => lookups[0]!));
  if (first.state === 'hit') return { state: 'found', entry: first.entry, askedAt };
  if (first.state === 'off') return { state: 'load', keep: 'memory' };
  let { seen } = first;
  let pause = shortestPause;
  for (;;) {
    askedAt = clock.elapsed();
    const reply = await far.lease(key, budget, seen);
    switch (reply.state) {
      case 'granted':
        return { state: 'load', keep: 'everywhere', lease: reply.lease };
      case 'filled': {
        if (pause === shortestPause) return { state: 'found', entry: reply.entry, askedAt };
        // Tags may have been invalidated during the wait, which only a look brings along.
        const again = (await far.read([key], budget))[0]!;
        if (again.state === 'hit') return { state: 'found', entry: again.entry, askedAt };
        if (again.state === 'off') return { state: 'load', keep: 'memory' };
        seen = again.seen;
        break;
      }
      case 'off':
        return { state: 'load', keep: 'memory' };
      case 'writing':
        return { state: 'load', keep: 'nowhere' };
      case 'held':
        break;
    }
    if (askedAt - begun >= longestWait) return { state: 'load', keep: 'nowhere' };
    waiting();
    await delay(clock, pause * (0.5 + random() / 2));
    pause = Math.min(pause * 2, longestPause);
    budget = far.budget();
  }
}
