/** Someone who takes turns with the others. */
export interface Contestant {
  readonly name: string;
  /** Does what is measured, so many times. */
  run(operations: number): Promise<void> | void;
}

/** Nanoseconds per operation, one figure per round, by the contestant's name. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

export interface RoundsOptions {
  /** Turns each contestant takes. Default 61. */
  readonly rounds?: number;
  /** About how many milliseconds a turn lasts, too little to be interrupted often. Default 5. */
  readonly turnMs?: number;
  /** The most operations of a turn. Default 100 000. */
  readonly most?: number;
}

/**
 * Lets the contestants take turns, each round in another order, so that what the machine does meanwhile hits them all
 * alike. What is sound to compare are figures of one round: see `ratio`.
 */
export async function inRounds(contestants: readonly Contestant[], options: RoundsOptions = {}): Promise<Rounds> {
  const { rounds = 61, turnMs = 5, most = 100_000 } = options;
  const turns = new Map<Contestant, { operations: number; figures: number[] }>();
  for (const each of contestants) {
    // Twice, so that what is measured is compiled code, and the last time tells how long a turn takes.
    let ns = 0;
    for (const operations of [500, 2_000, 2_000]) ns = await timed(each, Math.min(operations, most));
    turns.set(each, { operations: Math.max(1, Math.min(most, Math.round((turnMs * 1e6) / ns))), figures: [] });
  }
  for (let round = -2; round < rounds; round += 1) {
    for (let place = 0; place < contestants.length; place += 1) {
      const each = contestants[(place + round + 2) % contestants.length]!;
      const { operations, figures } = turns.get(each)!;
      const ns = await timed(each, operations);
      // The first two rounds are for the compiler.
      if (round >= 0) figures.push(ns);
    }
  }
  return new Map(contestants.map((each) => [each.name, turns.get(each)!.figures]));
}

async function timed(contestant: Contestant, operations: number): Promise<number> {
  const begun = process.hrtime.bigint();
  await contestant.run(operations);
  return Number(process.hrtime.bigint() - begun) / operations;
}

/** The rounds of several heats as those of one; every contestant took part in each. */
export function joined(heats: readonly Rounds[]): Rounds {
  const names = heats[0]?.keys() ?? [];
  return new Map([...names].map((name) => [name, heats.flatMap((rounds) => rounds.get(name)!)]));
}

/** The middle one; between the two in the middle of an even number. */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new RangeError('the median of nothing');
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How many times as long the one takes as the other: the median of the ratios of each round. */
export function ratio(rounds: Rounds, name: string, to: string): number | undefined {
  const [figures, others] = [rounds.get(name), rounds.get(to)];
  if (figures === undefined || others === undefined) return undefined;
  return median(figures.map((figure, round) => figure / others[round]!));
}
