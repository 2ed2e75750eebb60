/** A point in the history of tag invalidations, as far as one process knew it. */
export interface TagClock {
  /** Identity of the shared record of tags: another one means that the record was lost, and all it said with it. */
  readonly generation: string;
  /** Microseconds, a hybrid clock: the server's time, never lower than the last instant it gave. */
  readonly at: number;
  /** Of what this very process loaded: how much it knew then of the invalidations that went through itself. */
  readonly version?: number;
}

/**
 * A value with all that is known of it. Instants are milliseconds since the epoch, and
 * `createdAt ≤ freshUntil ≤ staleUntil, graceUntil`.
 */
export interface Entry {
  readonly value: unknown;
  /** When the load began that brought it: the value was true at that instant or later. */
  readonly createdAt: number;
  readonly freshUntil: number;
  /** Until when it may be served while a refresh runs in the background. */
  readonly staleUntil: number;
  /** Until when it may be served because its source fails. */
  readonly graceUntil: number;
  readonly tags: readonly string[];
  /** What its process knew of tags *before* the load began: a tag with a later instant invalidates it. */
  readonly known: TagClock;
  /** What its load cost, in milliseconds. */
  readonly loadMs: number;
}

/** How long, from `now`, a tier has any use for the entry, in milliseconds. */
export function usefulFor(entry: Entry, now: number): number {
  return Math.max(entry.freshUntil, entry.staleUntil, entry.graceUntil) - now;
}
