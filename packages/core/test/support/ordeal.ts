import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SharedStore } from '@cache/core';
import { eventually } from './eventually.ts';
import { Traffic } from './traffic.ts';

/** What went wrong. */
interface Findings {
  /** Answers that were older than what the same process had changed before it asked. */
  readonly wrong: readonly string[];
  /** Keys that one process changed in the end, and another one read as they were before. */
  readonly apart: readonly string[];
}

export const nothing: Findings = { wrong: [], apart: [] };

interface Outcome extends Findings {
  /** The most milliseconds that a read or a change took, whose source takes none. */
  readonly worst: number;
  /** The milliseconds it took after all had happened until every process used all of the server. */
  readonly recovery: number;
  /** The longest time, in milliseconds, that the machine kept this process from running. */
  readonly stalled: number;
}

export interface Ordeal {
  readonly namespace: string;
  /**
   * Runs `work` while nothing is written: what a replica has not been sent yet when its master fails is lost
   * (docs/outages.md).
   */
  unwritten(work: () => Promise<unknown>): Promise<void>;
}

/**
 * Reads and changes keys by a process per store while something happens to the server, and until all of them use it
 * again; rejects if they do not within a minute.
 */
export async function ordeal(
  stores: readonly SharedStore[],
  happens: (ordeal: Ordeal) => Promise<unknown>,
): Promise<Outcome> {
  const [source, namespace] = [new Map<string, number>(), `t${randomUUID().slice(0, 8)}`];
  const traffic = stores.map((store, index) => new Traffic(store, namespace, source, `by${index}`));
  const all = (work: (each: Traffic) => Promise<unknown>): Promise<unknown> => Promise.all(traffic.map(work));
  const unwritten = async (work: () => Promise<unknown>): Promise<void> => {
    await all((each) => each.pauseChanges());
    await work();
    for (const each of traffic) each.resumeChanges();
  };
  const apart: string[] = [];
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  try {
    await all((each) => each.start());
    await happens({ namespace, unwritten });
    const unused = new Set(traffic.flatMap(({ keys }) => keys));
    const recovery = await eventually('all of the server is used again', async () => {
      const stored = await Promise.all(traffic.map((each) => each.stored()));
      for (const key of stored.flat()) unused.delete(key);
      return unused.size === 0;
    });
    await all((each) => each.stop());
    for (const [index, one] of traffic.entries()) {
      const other = traffic[(index + 1) % traffic.length]!;
      for (const key of one.keys) {
        await one.change(key);
        if ((await other.get(key)) !== source.get(key)) apart.push(key);
      }
    }
    const worst = Math.max(...traffic.map((each) => each.worst));
    const stalled = lag.max / 1e6;
    return { wrong: traffic.flatMap(({ wrong }) => wrong), apart, worst, recovery, stalled };
  } finally {
    lag.disable();
    await all((each) => each.close());
  }
}
