import type { FarEntry, FarTier } from '../../src/engine/far-tier.ts';
import { Budget } from '../../src/layers/deadline.ts';
import type { Clock } from '../../src/model/clock.ts';
import { Trust } from '../../src/engine/trust.ts';
import type { Entry } from '../../src/model/entry.ts';
import { entryOf } from './entry.ts';

/** A far tier that a test gives the answers of; asked for anything else, it fails the test. */
export function farTier(clock: Clock, answers: Partial<FarTier>): FarTier {
  const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));
  return {
    name: 'far',
    trust: new Trust(1_000),
    maxValueBytes: Infinity,
    budget: () => new Budget(clock, 150),
    pack: (entry) => ({ entry, frame: Buffer.from('frame'), ttl: 1_000 }),
    read: unexpected('read'),
    lease: unexpected('lease'),
    fill: unexpected('fill'),
    release: unexpected('release'),
    mark: unexpected('mark'),
    commit: unexpected('commit'),
    evict: unexpected('evict'),
    replace: unexpected('replace'),
    ...answers,
  };
}

/** What a far tier has of a key, of which only what a test is about needs saying. */
export function farEntryOf(parts: Partial<Entry> = {}, state: FarEntry['state'] = 'fresh'): FarEntry {
  const entry = entryOf(parts);
  return { entry, kept: { value: entry.value, handOut: undefined }, state, frame: Buffer.from(state) };
}
