/** A timer that was set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where the toolkit reads the time and sets timers, so that tests can move both by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. A `background` timer does not keep the process alive. */
  setTimer(ms: number, run: () => void, background?: boolean): Timer;
}

/** Resolves `ms` milliseconds from now, on the given clock. */
export function delay(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
}

// `Date.now()` costs more than half of a memory hit. One reading serves until a timer, set on demand, forgets it: the
// time is then at most a millisecond old, or as old as the JavaScript turn that is running.
let reading = 0;
const forget = (): void => {
  reading = 0;
};

/** The process' own time, read at most once a millisecond. */
export const systemClock: Clock = {
  now() {
    if (reading === 0) {
      reading = Date.now();
      setTimeout(forget, 1).unref();
    }
    return reading;
  },
  setTimer(ms, run, background = false) {
    let immediate: NodeJS.Immediate | undefined;
    const handle = setTimeout(() => {
      // After a turn that kept the process busy, timers come before the replies that have arrived meanwhile. Those are
      // let in first, or a server that answered in time would be taken for one that did not.
      immediate = setImmediate(run);
      if (background) immediate.unref();
    }, ms);
    if (background) handle.unref();
    return {
      cancel: () => {
        clearTimeout(handle);
        if (immediate !== undefined) clearImmediate(immediate);
      },
    };
  },
};
