import type { Clock } from './clock.ts';
import type { TagClock } from './entry.ts';

/**
 * What tells a cache of the changes that other processes make, to give to `createCache({ bus })`: settings only, nothing
 * is opened before the cache opens it.
 */
export interface Bus {
  readonly name: string;
  /**
   * What is told of: the change of any key, or only of what the shared store has. A value that is in memory alone, since
   * it could not be stored, is then believed for `maxLocalStaleness` at most.
   */
  readonly tells: 'all' | 'stored';
  open(context: BusContext): OpenBus;
}

/** What a bus is opened with, and what it tells. */
export interface BusContext {
  /** What happens in other namespaces is none of ours. */
  readonly namespace: string;
  readonly clock: Clock;
  /** Milliseconds that a change may go unheard of; `heard` is to be called several times within them. */
  readonly staleness: number;
  /** Another process has changed what these addresses hold. */
  changed(addresses: readonly string[]): void;
  /** Some process has changed what these addresses hold; it may be this one. */
  touched(addresses: readonly string[]): void;
  /** Another process has invalidated tags, at this instant of their record. */
  invalidated(tags: readonly string[], clock: TagClock): void;
  /** The record of tags has changed. */
  tagsTouched(): void;
  /** Changes are about to be told; `heard` follows within the time that they may go unheard of. */
  listening(): void;
  /** Every change since then, by `Clock.elapsed`, has been told. */
  heard(since: number): void;
  /** Some may have been missed, but those to come will be told. */
  missed(reason: 'gap' | 'silence'): void;
  /** None is told any longer. */
  lost(): void;
  /** Tells of a failure that no call in progress can carry, such as a lost connection. */
  report(error: unknown): void;
}

/** A bus that was opened. It connects in the background, and again whenever the connection is lost. */
export interface OpenBus {
  /** This process has changed what these addresses hold; the store has heard of it, or will. */
  announce(addresses: readonly string[]): void;
  /** This process has invalidated tags, at this instant of their record. */
  announceTags(tags: readonly string[], clock: TagClock): void;
  /** Gives the connection up for a new one: nothing has been heard for so long that it counts as frozen. */
  reset(): void;
  /** Says goodbye and ends the connection, without waiting for a server that does not answer. */
  close(): Promise<void>;
}
