import { setTimeout as delay } from 'node:timers/promises';

/** Resolves as soon as the condition holds, and tells how many milliseconds that took; rejects after 60 seconds. */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<number> {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > 60_000) throw new Error(`waited 60 seconds in vain until ${what}`);
    await delay(25);
  }
  return performance.now() - begun;
}
