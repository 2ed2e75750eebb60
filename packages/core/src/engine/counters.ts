import { type Distribution, Histogram } from './histogram.ts';

/**
 * What happened to the reads of one resource since its cache was made; what it costs to know is one addition each. Every
 * read counts once: as one of the hits, as a miss, as joined or as refreshed, once it is known which. Keys that a
 * `getMany` has twice are one read.
 */
export interface ReadStats {
  readonly hits: {
    /** Answered from the memory of this process. */
    readonly memory: TierHits;
    /** Answered from the shared tier. */
    readonly shared: TierHits;
    /** Answered with a write that the source has not got yet. */
    readonly unwritten: number;
    /** Answered with an old value, because the source failed or was too slow. */
    readonly grace: number;
    /** Answered with the error of a load of a moment ago: `errorTtl`. */
    readonly error: number;
  };
  /** Reads that had to wait for the source, or for another process that asked it, and were given what that said. */
  readonly misses: number;
  /** Reads that asked for a load of their own, whatever is cached: `refresh`, and `get` with `fresh`. */
  readonly refreshed: number;
  /** Reads that shared the answer of one that was under way already; they are counted nowhere else. */
  readonly joined: number;
  readonly loads: {
    /** Calls of the loader, those in the background included; a key of a `loadMany` counts as one. */
    readonly started: number;
    readonly failed: number;
    /** Of those that failed: how many took longer than `timeout.hard`. */
    readonly timedOut: number;
    readonly inFlight: number;
    /** Milliseconds that loads took, those that failed included. */
    readonly ms: Distribution;
  };
}

export interface TierHits {
  readonly fresh: number;
  /** Within `staleWhileRevalidate`. */
  readonly stale: number;
}

/** Counts what happens to the reads of one resource. */
export class Counters {
  memoryFresh = 0;
  memoryStale = 0;
  sharedFresh = 0;
  sharedStale = 0;
  unwritten = 0;
  grace = 0;
  error = 0;
  misses = 0;
  refreshed = 0;
  joined = 0;
  loads = 0;
  failed = 0;
  timedOut = 0;
  inFlight = 0;
  readonly ms = new Histogram();

  snapshot(): ReadStats {
    return {
      hits: {
        memory: { fresh: this.memoryFresh, stale: this.memoryStale },
        shared: { fresh: this.sharedFresh, stale: this.sharedStale },
        unwritten: this.unwritten,
        grace: this.grace,
        error: this.error,
      },
      misses: this.misses,
      refreshed: this.refreshed,
      joined: this.joined,
      loads: {
        started: this.loads,
        failed: this.failed,
        timedOut: this.timedOut,
        inFlight: this.inFlight,
        ms: this.ms.distribution(),
      },
    };
  }
}
