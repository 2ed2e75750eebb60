import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { reset } from './reset.ts';

/** Which way bytes go: from the client to the server, or back. */
export type Way = 'requests' | 'replies';

/** What is wrong with a wire now. */
export interface Faults {
  delayMs: Record<Way, number>;
  /** Pending while nothing passes. */
  passable: Promise<void>;
  dropsReplies: boolean;
  /** The most bytes of a reply that arrive together. */
  pieceBytes: number;
}

/** A wire that works. */
export function noFaults(): Faults {
  return {
    delayMs: { requests: 0, replies: 0 },
    passable: Promise.resolve(),
    dropsReplies: false,
    pieceBytes: Number.POSITIVE_INFINITY,
  };
}

/** Passes on what `source` sends, its hanging up and its resets, in order and with the faults of the moment. */
export function pass(
  source: Socket,
  destination: Socket,
  way: Way,
  faults: Faults,
  onLost: (bytes: number) => void,
): void {
  let line = Promise.resolve();
  function inTurn(step: () => void | Promise<void>): void {
    const due = performance.now() + faults.delayMs[way];
    line = line.then(async () => {
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      await faults.passable;
      await step();
    });
  }

  source.on('data', (bytes: Buffer) =>
    inTurn(async () => {
      if (way === 'replies' && faults.dropsReplies) return onLost(bytes.length);
      await send(destination, bytes, way === 'replies' ? faults.pieceBytes : bytes.length);
    }),
  );
  source.on('end', () => inTurn(() => void destination.end()));
  source.on('error', () => inTurn(() => reset(destination)));
}

async function send(destination: Socket, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let sent = 0; sent < bytes.length; sent += pieceBytes) {
    if (!destination.writable) return;
    destination.write(bytes.subarray(sent, sent + pieceBytes));
    // Two writes in one turn would leave in one packet.
    if (pieceBytes < bytes.length) await nextTurn();
  }
}
