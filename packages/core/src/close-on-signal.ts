import type { Cache } from './cache.ts';
import type { Duration } from './model/duration.ts';
import { duration, func, parseOptions, withDefault } from './model/options.ts';

export interface CloseOnSignalOptions {
  /** Called first and waited for, so that nothing asks the cache any more: `() => server.close()`. Default: nothing. */
  before?: () => unknown;
  /** How long `cache.close` may take to bring write-behind writes to the source. Default `'10s'`. */
  timeout?: Duration;
}

/** How a process is asked to end: by its supervisor, and at the keyboard. */
const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Closes the cache when the process gets a `SIGTERM` or `SIGINT`, then lets the signal end the process as it would have.
 * A second signal ends it at once. What fails meanwhile is told as a process warning. Call what is returned to stop listening.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function closeOnSignal(cache: Pick<Cache, 'close'>, options?: CloseOnSignalOptions): () => void {
  const { before, timeout } = parseOptions('closeOnSignal', options, {
    before: withDefault(func<() => unknown>(), () => undefined),
    timeout: withDefault(duration, 10_000),
  });
  const stop = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  const end = (signal: NodeJS.Signals): void => {
    // From now on the signal does what it does without us, the second one too.
    stop();
    void attempt(before)
      .then(() => attempt(() => cache.close({ timeout })))
      .then(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.on(signal, end);
  return stop;
}

async function attempt(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), 'CacheWarning');
  }
}
