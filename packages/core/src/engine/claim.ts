import type { Budget } from '../layers/deadline.ts';
import { type Clock, delay } from '../model/clock.ts';
import type { FarEntry, FarTier, Lease, Lookup } from './far-tier.ts';
import type { Kept } from './isolation.ts';

/** How a load goes on once the far tier has been asked for the right to it. */
export type Claim =
  /** Another process has brought a value; `askedAt` is an instant at which it was there, by `Clock.elapsed`. */
  | { readonly state: 'found'; readonly found: FarEntry; readonly askedAt: number }
  | { readonly state: 'unwritten'; readonly kept: Kept }
  /** This process loads, and what it brings goes everywhere, to memory only, or nowhere. */
  | { readonly state: 'load'; readonly keep: 'everywhere'; readonly lease: Lease }
  | { readonly state: 'load'; readonly keep: 'memory' | 'nowhere' };

/** For how long, in milliseconds, a load waits on the leases of others before it goes on without one. */
const longestWait = 10_000;
const shortestPause = 4;
const longestPause = 50;

/** What is needed to come to a claim. */
export interface ClaimOptions {
  readonly far: FarTier;
  readonly key: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** What the far tier had of the key when it was looked up. */
  readonly lookup: Lookup;
  /** What that has left of what the call may spend on the far tier. */
  readonly budget: Budget;
  /** Whether a value that another process has brought will do. */
  accepts(found: FarEntry): boolean;
  /** Called before each pause, when another process turns out to be loading. */
  waiting(): void;
}

/**
 * Gets the right to load a value that the far tier has not: of all processes one holds the lease, and the others wait
 * for what it brings, or for its lease to run out.
 */
export async function claim(options: ClaimOptions): Promise<Claim> {
  const { far, key, clock, random } = options;
  const begun = clock.elapsed();
  let { lookup, budget } = options;
  if (lookup.state === 'off') return { state: 'load', keep: 'memory' };
  let pause = shortestPause;
  let askedTwice = false;
  for (;;) {
    let askedAt = clock.elapsed();
    const outcome = await far.lease(key, budget, seenIn(lookup));
    if (outcome.state === 'granted') return { state: 'load', keep: 'everywhere', lease: outcome.lease };
    if (outcome.state === 'off') return { state: 'load', keep: 'memory' };
    if (outcome.state === 'writing') return { state: 'load', keep: 'nowhere' };
    if (outcome.state === 'filled') {
      if (pause === shortestPause) {
        lookup = outcome.lookup;
      } else {
        // Tags may have been invalidated during the wait, which only a look brings along.
        askedAt = clock.elapsed();
        lookup = await far.read(key, budget);
      }
      if (lookup.state === 'found' && options.accepts(lookup.found)) return { ...lookup, askedAt };
      if (lookup.state === 'unwritten') return lookup;
      if (lookup.state === 'off') return { state: 'load', keep: 'memory' };
      // Shown what will not do, the tier as a rule gives the lease; one that does not is not asked without a pause.
      askedTwice = !askedTwice;
      if (askedTwice) continue;
    }
    if (clock.elapsed() - begun >= longestWait) return { state: 'load', keep: 'nowhere' };
    options.waiting();
    await delay(clock, pause * (0.5 + random() / 2));
    pause = Math.min(pause * 2, longestPause);
    budget = far.budget();
    askedTwice = false;
  }
}

function seenIn(lookup: Lookup): Uint8Array | undefined {
  if (lookup.state === 'found') return lookup.found.frame;
  return lookup.state === 'nothing' ? lookup.seen : undefined;
}
