import type { FarTier } from '../../src/engine/far-tier.ts';
import { Budget } from '../../src/layers/deadline.ts';
import type { Clock } from '../../src/model/clock.ts';

/** A far tier that a test gives the answers of; asked for anything else, it fails the test. */
export function farTier(clock: Clock, answers: Partial<FarTier>): FarTier {
  const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));
  return {
    name: 'far',
    localTrust: 1_000,
    budget: () => new Budget(clock, 150),
    pack: (entry) => ({ entry, frame: Buffer.from('frame'), ttl: 1_000 }),
    read: unexpected('read'),
    lease: unexpected('lease'),
    fill: unexpected('fill'),
    release: unexpected('release'),
    mark: unexpected('mark'),
    commit: unexpected('commit'),
    evict: unexpected('evict'),
    ...answers,
  };
}
