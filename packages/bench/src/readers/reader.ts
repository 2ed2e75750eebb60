import type { Peers } from '../peers/install.ts';
import type { PeerName } from '../peers/pinned.ts';

/** Where values come from that are not cached yet. */
export type Load = (key: string) => Promise<unknown>;

/** A cache that gets or loads, in the way its own documentation recommends. */
export interface Reader {
  readonly name: string;
  readonly get: (key: string) => unknown;
  /**
   * Gets one key after the other. Every reader has a loop of its own, as a user's code would: one loop for all of them
   * could not be compiled for any.
   */
  readonly read: (keys: readonly string[]) => Promise<void> | void;
  /** Loads the keys, where `read` does not. */
  readonly fill?: (keys: readonly string[]) => Promise<void>;
}

export type OpenReader<R extends Reader = Reader> = (load: Load, peers: Peers) => R | Promise<R>;

/** A reader of somebody else's making. */
export interface PeerReader<R extends Reader = Reader> {
  readonly peer: PeerName;
  readonly open: OpenReader<R>;
}

/** As a user would say "long". */
export const hour = 3_600_000;

/** More than there are keys: nothing is evicted here. */
export const room = 20_000;

/** For readers that do not load: @throws Error where a key was missing, since then it was not hits that were measured. */
export function checkFound(found: number, keys: readonly string[]): void {
  if (found !== keys.length) throw new Error(`${keys.length - found} of ${keys.length} keys are not cached`);
}
