/** A timer that was set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where the toolkit reads the time and sets timers, so that tests can move both by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for instants that other processes are told. It may be set back. */
  now(): number;
  /**
   * Milliseconds since some instant, never going back: for all that takes or lasts a while in this process. What one turn
   * of the event loop read may serve all of it, unless it is to be read `anew`.
   */
  elapsed(anew?: boolean): number;
  /** Calls `run` once, `ms` milliseconds from now. A `background` timer does not keep the process alive. */
  setTimer(ms: number, run: () => void, background?: boolean): Timer;
}

/** Resolves `ms` milliseconds from now, on the given clock. */
export function delay(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
}

// Reading the time costs more than half of a memory hit. One reading serves until a timer, set on demand, forgets it: it
// is then at most a millisecond old, or as old as the JavaScript turn that is running.
let reading = -1;
let forgottenBy: typeof setTimeout | undefined;
const forget = (): void => {
  reading = -1;
};

const longestTimer = 2 ** 31 - 1;

/** The process' own time; `elapsed` is read at most once a millisecond, unless anew. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed(anew) {
    // A test may have put timers of its own in place, and taken them away again before they fired.
    if (reading < 0 || forgottenBy !== setTimeout) {
      reading = performance.now();
      forgottenBy = setTimeout;
      setTimeout(forget, 1).unref();
    } else if (anew === true) reading = performance.now();
    return reading;
  },
  setTimer(ms, run, background = false) {
    let immediate: NodeJS.Immediate | undefined;
    const late = (): void => {
      // After a turn that kept the process busy, timers come before the replies that have arrived meanwhile. Those are
      // let in first, or a server that answered in time would be taken for one that did not.
      // Also for a background timer one that counts: for one that does not, Node would not wake up.
      immediate = setImmediate(run);
    };
    // Node fires a timer of more than 24 days at once.
    const handle = setTimeout(late, Math.min(ms, longestTimer));
    if (background) handle.unref();
    return {
      cancel: () => {
        clearTimeout(handle);
        if (immediate !== undefined) clearImmediate(immediate);
      },
    };
  },
};
