/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 up to `below`. */
  integer(below: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** The generator "mulberry32": small, and good enough to find orders nobody thought of. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const integer = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  return { integer, pick: (choices) => choices[integer(choices.length)]! };
}
