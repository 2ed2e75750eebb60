import type { Clock } from '@cache/core';

/** What came of waiting in place of what was waited for. */
export const tooLong = Symbol('waited too long');

/** What `work` brings; or `tooLong`, if it takes more than `ms` milliseconds and `inVain` says that waiting on is no use. */
export function patiently<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  inVain: () => boolean,
): Promise<T | typeof tooLong> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(
      Math.max(0, ms),
      () => {
        if (inVain()) resolve(tooLong);
      },
      true,
    );
    const settle = (): void => timer.cancel();
    work.then(resolve, reject).then(settle, settle);
  });
}
