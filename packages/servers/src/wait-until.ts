import { setTimeout as delay } from 'node:timers/promises';

/** Resolves as soon as the condition holds, asked every 10 ms; rejects with what was awaited after `withinMs` milliseconds. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await delay(10);
  }
}
