import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { delay, systemClock } from '../model/clock.ts';

/** One promise of a contract, for any test runner: `for (const { name, run } of cases) test(name, run);`. */
export interface ContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects with an `AssertionError` that says what was promised and what came. */
  readonly run: () => Promise<void>;
}

/** Checks that what came is, to the depth, what was promised. */
export function promised(promise: string, came: unknown, expected: unknown): void {
  if (!isSame(came, expected)) throw broken(promise, came, expected);
}

/** In whatever realm the one and the other were made: a test runner may have one of its own. */
function isSame(came: unknown, expected: unknown): boolean {
  if (isDeepStrictEqual(came, expected)) return true;
  try {
    return isDeepStrictEqual(structuredClone(came), structuredClone(expected));
  } catch {
    return false;
  }
}

/** Checks that a condition holds of what came. */
export function promisedThat(promise: string, holds: boolean, came: unknown): void {
  if (!holds) throw broken(promise, came);
}

/** The error of a promise that was not kept. */
export function broken(promise: string, came: unknown, ...expected: [expected?: unknown]): AssertionError {
  const lines = [`it was promised that ${promise}`];
  if (expected.length > 0) lines.push(`expected: ${shown(expected[0])}`);
  lines.push(`what came: ${shown(came)}`);
  return new AssertionError({
    message: lines.join('\n'),
    actual: came,
    expected: expected[0],
    operator: 'promised',
    stackStartFn: broken,
  });
}

/** Asks until the answer is as promised, for at most `patience` milliseconds. Answers that reject count as not yet. */
export async function promisedWithin<T>(
  patience: number,
  promise: string,
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
): Promise<void> {
  const end = systemClock.elapsed() + patience;
  for (;;) {
    const answer = await ask().then(
      (value) => ({ came: value as unknown, held: holds(value) }),
      (error: unknown) => ({ came: error, held: false }),
    );
    if (answer.held) return;
    if (systemClock.elapsed() >= end) throw broken(`${promise} within ${patience} ms`, answer.came);
    await delay(systemClock, 5);
  }
}

function shown(value: unknown): string {
  return inspect(value, { depth: 6, maxArrayLength: 20, maxStringLength: 200, breakLength: 100 });
}
