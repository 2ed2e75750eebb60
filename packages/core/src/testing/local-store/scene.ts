import { ManualClock } from '../../model/manual-clock.ts';
import type { LocalEntry, LocalSegment, LocalSpace, LocalStore } from '../../model/store.ts';
import { promised, promisedThat } from '../contract.ts';

/** What one case is about: a store that was just opened. */
export interface Scene {
  readonly clock: ManualClock;
  readonly space: LocalSpace;
  /** A segment of that space. */
  readonly users: LocalSegment;
  /** An entry that is of use for a minute. */
  readonly entry: (value: unknown) => LocalEntry;
  /** Opens the store once more. */
  readonly another: () => LocalSpace;
}

/** Cases by the sentences that they show to be true. */
export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void> | void>>;

const minute = 60_000;

/** Plays a case in a store of its own, which leaves nothing behind that could keep a process alive. */
export async function play(store: () => LocalStore, run: (scene: Scene) => Promise<void> | void): Promise<void> {
  const clock = new ManualClock();
  const settings = store();
  const another = (): LocalSpace => settings.open({ namespace: 'contract', clock, report: () => undefined });
  const space = another();
  await run({ clock, space, users: space.segment('user'), entry: (value) => entryOf(value, clock), another });
  space.close();
  promised('no timer is left after close', clock.timers, 0);
}

/** Keeps each value under its place in the list; tells the entries that the segment said to keep. */
export function fill(segment: LocalSegment, entries: readonly LocalEntry[]): Map<string, LocalEntry> {
  const kept = new Map<string, LocalEntry>();
  entries.forEach((entry, index) => {
    if (segment.set(`key ${index}`, entry)) kept.set(`key ${index}`, entry);
  });
  return kept;
}

/** Looks for all that was kept: what is found is the very entry. Tells how many were. */
export function find(segment: LocalSegment, kept: ReadonlyMap<string, LocalEntry>): number {
  let found = 0;
  for (const [key, entry] of kept) {
    const came = segment.get(key);
    if (came === undefined) continue;
    found += 1;
    promisedThat('what is found is the very entry that was kept', came === entry, { key, came, entry });
  }
  return found;
}

/** How many entries the segment says to have dropped by itself, after it had said to keep them. */
export function dropped(segment: LocalSegment): number {
  const { capacity, expired } = segment.figures().evictions;
  return capacity + expired;
}

function entryOf(value: unknown, clock: ManualClock): LocalEntry {
  const [now, until] = [clock.now(), clock.elapsed() + minute];
  return {
    value,
    createdAt: now,
    freshUntil: now + minute,
    staleUntil: now + minute,
    graceUntil: now + minute,
    tags: [],
    known: { generation: '', at: 0 },
    loadMs: 1,
    servedUntil: until,
    trustedUntil: until,
    trueAt: clock.elapsed(),
    keptUntil: until,
    skew: now - clock.elapsed(),
    idleUntil: Infinity,
    checkedVersion: 0,
    handOut: undefined,
    settled: undefined,
  };
}
