import { randomUUID } from 'node:crypto';
import { systemClock } from '../../model/clock.ts';
import { parseDuration } from '../../model/duration.ts';
import type { SharedSpace, SharedStore } from '../../model/store.ts';
import { promisedWithin } from '../contract.ts';
import type { SharedStoreContractOptions } from './options.ts';

/** What one case is about: a namespace of its own, and the processes that have opened it. */
export interface Scene {
  readonly options: SharedStoreContractOptions;
  readonly namespace: string;
  /** The namespace as the first process sees it. */
  readonly space: SharedSpace;
  /** The same, or another namespace, as one more process sees it. */
  readonly another: (namespace?: string) => Promise<SharedSpace>;
  /** Asks until the answer is as promised. */
  readonly soon: <T>(promise: string, ask: () => Promise<T>, holds: (answer: T) => boolean) => Promise<void>;
  /** Closes the space, or finds out that it does not. */
  readonly close: (space: SharedSpace) => Promise<void>;
}

/** Cases by the sentences that they show to be true. */
export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** A time to live, in milliseconds, that no case outlives. */
export const long = 600_000;

/** A time to live, in milliseconds, that a case waits for. */
export const short = 40;

/** Plays a case in a namespace that nobody else has, and closes what it opened. */
export async function play(
  store: () => SharedStore,
  options: SharedStoreContractOptions,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const opened: SharedSpace[] = [];
  const namespace = `contract-${randomUUID()}`;
  const patience = parseDuration(options.patience ?? '5s', 'sharedStoreContract: patience');
  const soon: Scene['soon'] = (promise, ask, holds) => promisedWithin(patience, promise, ask, holds);
  const another = async (name = namespace): Promise<SharedSpace> => {
    const space = store().open({ namespace: name, clock: systemClock, report: () => undefined });
    opened.push(space);
    await soon('a space that was opened answers', () => space.ping(), isAnswered);
    return space;
  };
  const close = async (space: SharedSpace): Promise<void> => {
    let closed = false;
    const closing = space.close().then(() => (closed = true));
    await soon('close waits for nothing', async () => closed, Boolean);
    await closing;
  };
  try {
    await run({ options, namespace, space: await another(), another, soon, close });
  } finally {
    await Promise.allSettled(opened.map(close));
  }
}

/** Whatever the answer is. */
export function isAnswered(): boolean {
  return true;
}

/** A frame that differs from others in every byte. */
export function frameOf(letter: string): Uint8Array {
  return new Uint8Array(100).fill(letter.charCodeAt(0));
}

/** The frames of several addresses, each by the letter it is made of; a lone one as the letter, and none as `undefined`. */
export async function lettersAt(space: SharedSpace, ...addresses: string[]): Promise<(string | undefined)[]> {
  return (await space.read(addresses)).frames.map((frame) => letterOf(frame));
}

/** What came as a frame, in short. */
function letterOf(frame: Uint8Array | undefined): string | undefined {
  if (frame === undefined) return undefined;
  const text = Buffer.from(frame).toString('latin1');
  return text === text[0]?.repeat(100) ? text[0] : text;
}

/** Has a value at an address, as a load brings it there. */
export async function put(space: SharedSpace, address: string, letter: string, ttl = long): Promise<void> {
  const token = randomUUID();
  await space.lease(address, { token, ttl: long });
  await space.fill(address, { token, frame: frameOf(letter), ttl });
}

/** What came of asking for the lease: its state, and the letter of the frame. */
export async function leased(space: SharedSpace, address: string, token: string, seen?: string): Promise<string> {
  const request = { token, ttl: long, ...(seen === undefined ? {} : { seen: frameOf(seen) }) };
  const reply = await space.lease(address, request);
  return reply.state === 'filled' ? `filled with ${letterOf(reply.frame)}` : reply.state;
}
