import type { Clock } from '../model/clock.ts';

/**
 * Calls `beat` every third of `ttl` until stopped, so that what it keeps alive outlives one lost beat
 * (docs/consistency.md). It stops by itself when `beat` says that there is nothing left to keep.
 */
export function heartbeat(clock: Clock, ttl: number, beat: () => Promise<boolean>): () => void {
  let stopped = false;
  const next = (): { cancel(): void } =>
    clock.setTimer(
      ttl / 3,
      () => {
        const again = (alive: boolean): void => {
          if (alive && !stopped) timer = next();
        };
        // A beat that failed proves nothing: the next one may arrive in time.
        beat().then(again, () => again(true));
      },
      true,
    );
  let timer = next();
  return () => {
    stopped = true;
    timer.cancel();
  };
}
