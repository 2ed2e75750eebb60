/** How hits are counted, for whom, and how many are allowed. */
export interface Quota {
  /** Whom or what is counted: an address, a user. Any text. */
  readonly key: string;
  /** Milliseconds, a whole number of at least one. */
  readonly window: number;
  /**
   * `fixed`: a window begins with the first hit, and all of its hits are forgotten at its end. `sliding`: each hit is
   * forgotten by itself, after `window` and at most a sixteenth of it more; so never more than `limit` hits are allowed
   * in any span of `window` milliseconds.
   */
  readonly algorithm: 'fixed' | 'sliding';
  /** How many hits are allowed; `Infinity` counts only. */
  readonly limit: number;
  /** Whether hits that are refused count too, as they do for express-rate-limit. */
  readonly countRefused: boolean;
}

/** Where a quota stands. */
export interface Usage {
  /** How many hits count now. */
  readonly hits: number;
  /**
   * Milliseconds until a fixed window ends. For a sliding one: until a hit is allowed again, or, where one is allowed,
   * until the oldest is forgotten. Relative, so that no two clocks have to agree.
   */
  readonly resetIn: number;
}

/** What came of a hit. */
export interface Verdict {
  /** Whether every one of the quotas had room for it. */
  readonly allowed: boolean;
  /** By quota, after the hit. */
  readonly usages: readonly Usage[];
}

/** What a store counts under one name. Groups and keys are addresses as those of a `RecordSpace`; time is the store's own. */
export interface CounterSpace {
  /**
   * Counts one hit on each of the quotas if all of them have room for it, and else on none but those with
   * `countRefused`, in one atomic step and one round trip. What is counted together is in one group, which is in one
   * place.
   */
  hit(group: string, quotas: readonly Quota[]): Promise<Verdict>;
  /** Where a quota stands, without counting. */
  look(group: string, quota: Quota): Promise<Usage>;
  /** Takes one hit back, the latest, if there is any. */
  giveBack(group: string, quota: Quota): Promise<void>;
  /** Forgets all hits on a quota. */
  reset(group: string, quota: Quota): Promise<void>;
  /** Forgets all hits, one page for each round trip, and tells how many quotas each page had. */
  clear(): AsyncGenerator<number, void, undefined>;
}

/** Into how many parts a sliding window is divided. */
export const partsOfWindow = 16;
