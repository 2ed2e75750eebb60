export interface BackOffOptions {
  /** Milliseconds. */
  readonly first: number;
  readonly longest: number;
  readonly random: () => number;
}

/** Milliseconds before the next attempt: exponential, with full jitter, so that those who failed together part. */
export function backOff(failures: number, { first, longest, random }: BackOffOptions): number {
  const ceiling = Math.min(longest, first * 2 ** Math.min(failures, 30));
  return Math.max(1, Math.round(ceiling * random()));
}
