import type { Clock } from '../model/clock.ts';
import type { Events } from '../model/events.ts';
import type { Key } from '../model/key.ts';
import type { Serializer } from '../model/serializer.ts';
import type { FarTier } from './far-tier.ts';
import type { Isolation } from './isolation.ts';
import type { PolicyOptions } from './policy.ts';
import type { ResourceParts } from './resource.ts';
import type { Source } from './source.ts';
import type { Trust } from './trust.ts';

/**
 * Who loads on a miss, and when a write reaches the system of record: the two questions a strategy answers, by the
 * resource that it opens. A new strategy is one new file.
 */
export interface Strategy<R> {
  open(context: StrategyContext): R;
}

/** What a strategy finds in the cache that it is opened in. */
export interface StrategyContext {
  readonly namespace: string;
  /** The name of the resource. */
  readonly name: string;
  /** How values become bytes. */
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly events: Events;
  readonly random: () => number;
  /** The parts of a resource on the one read path. */
  parts<K extends Key>(policy: PolicyOptions, source: Source<K>, behind?: Behind): ResourceParts<K>;
  /** Has `drain` called when the cache closes, with the milliseconds it may take; it tells how many writes stay behind. */
  onClose(drain: (ms: number) => Promise<number>): void;
}

/**
 * Puts something in front of the shared tier, such as writes that have not reached the source yet. It is asked twice: the
 * second time without a shared tier, for reads that pass by it. `trust` is how far memory may be believed where others
 * change what it has.
 */
export type Behind = (far: FarTier | undefined, isolation: Isolation, trust: Trust) => FarTier | undefined;
