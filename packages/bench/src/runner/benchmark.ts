import type { PeerName } from '../peers/pinned.ts';
import type { Peers } from '../peers/install.ts';

/** What each file beside `main.ts` exports as `benchmark`. */
export interface Benchmark {
  /** Installed, where they can be, before it runs. */
  readonly peers: readonly PeerName[];
  /** Yields its tables and goals as soon as it has them. */
  run(peers: Peers): AsyncIterable<Table | Goal>;
}

/** Something measured, a row per contestant. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** How it was measured, or what a reader must know to judge it. */
  readonly notes?: readonly string[];
}

export interface Column {
  readonly name: string;
  /** Digits after the point. Default 0. */
  readonly digits?: number;
}

export interface Row {
  readonly name: string;
  /** As many as there are columns; `undefined` where there is nothing to say. */
  readonly cells: readonly (number | string | undefined)[];
}

/** A bound that a measured figure is to keep. */
export interface Goal {
  /** What was measured, such as `resource.get, hot key`. */
  readonly subject: string;
  readonly side: '≤' | '≥';
  readonly bound: number;
  /** What the bound is a multiple of, or its unit: `× the limit`, `ms`. */
  readonly of: string;
  /** `undefined` where it could not be measured, since a peer is missing. */
  readonly measured: number | undefined;
}

/** Whether the goal was measured and kept. */
export function holds({ side, bound, measured }: Goal): boolean {
  if (measured === undefined) return false;
  return side === '≤' ? measured <= bound : measured >= bound;
}
