import { randomUUID } from 'node:crypto';
import { type Clock, delay } from '../../../model/clock.ts';
import { CacheError } from '../../../model/errors.ts';
import type { DirtyWrite, PutReply } from '../../../model/ledger.ts';
import type { Command } from '../clients/own-client.ts';
import type { RedisConnection } from '../connection.ts';
import { letterOf, unwrittenOf } from './records.ts';
import { full, put } from './scripts/writing.ts';
import { isOutOfMemory, type Shard } from './shard.ts';

/** Writes of one shard that are made by one call, and share its fate where that is not known. */
export interface PutBatch {
  /** Names the call: made again, it is answered as it was the first time. */
  readonly name: string;
  readonly writes: readonly DirtyWrite[];
}

export interface PuttingOptions {
  readonly shard: Shard;
  readonly clock: Clock;
  readonly due: number;
  readonly max: number;
  readonly maxAge: number | undefined;
}

/** Milliseconds for which one call is tried: less than its name is known for. */
const patience = 5_000;
const pause = 50;

/** Makes calls of the script that notes writes, again and again if need be, so that each write is made once or not at all. */
export class Putting {
  readonly #options: PuttingOptions;

  constructor(options: PuttingOptions) {
    this.#options = options;
  }

  /** What came of each write, in their order. Rejects if that is not known of any. */
  async put({ name, writes }: PutBatch, connection?: RedisConnection): Promise<PutReply[]> {
    const { shard, clock } = this.#options;
    const end = clock.elapsed(true) + patience;
    const rest = writes.flatMap((write) => argumentsOf(write));
    await this.#ready(end);
    // By the server's clock: whatever arrives later, on whatever connection, is refused, as its name may be forgotten.
    let until = shard.now + patience;
    for (let attempts = 1; ; attempts += 1) {
      try {
        const reply = await shard.run(
          put,
          [name, String(Math.floor(until)), ...this.#limits(writes), ...rest],
          connection,
        );
        const [state, dirty, generation, outcomes, now] = reply as Reply;
        shard.told(generation, dirty);
        if (state.toString() === 'done') {
          shard.timed(now);
          return writes.map((write, at) => this.#replyOf(write.key, outcomes[at]!));
        }
        // The one and only attempt was not made: what comes now is the first.
        if (attempts > 1 || clock.elapsed(true) >= end + patience) throw tooLate();
        attempts = 0;
        until = shard.now + patience;
      } catch (error) {
        if (isOutOfMemory(error)) return writes.map(() => ({ state: 'full', dirty: shard.dirty }));
        if (!isUnavailable(error) || clock.elapsed(true) + pause >= end || shard.closed) throw error;
        await delay(clock, pause);
      }
    }
  }

  /** Rejects with what is wrong, or once the server has been out of reach for as long as a write is tried. */
  async #ready(end: number): Promise<void> {
    const { shard, clock } = this.#options;
    for (;;) {
      try {
        await shard.ready();
        return;
      } catch (error) {
        if (!isUnavailable(error) || clock.elapsed(true) + pause >= end || shard.closed) throw error;
        await delay(clock, pause);
      }
    }
  }

  #limits(writes: readonly DirtyWrite[]): string[] {
    const { due, max, maxAge, shard } = this.#options;
    const above = writes.reduce((highest, each) => Math.max(highest, each.above ?? 0), shard.highest);
    return [String(above), String(due), String(max), maxAge === undefined ? '' : String(maxAge), randomUUID()];
  }

  #replyOf(key: string, outcome: WriteOutcome): PutReply {
    const { shard } = this.#options;
    const { dirty } = shard;
    if (outcome === full) return { state: 'full', dirty };
    if (typeof outcome !== 'number') return { state: 'changed', current: unwrittenOf(key, ...outcome), dirty };
    shard.highest = Math.max(shard.highest, outcome);
    return { state: 'accepted', version: outcome, dirty };
  }
}

/** A version, `full`, or what is there. */
type WriteOutcome = number | readonly [newest: Buffer | null, pinned: Buffer | null];
type Reply = readonly [
  state: Buffer,
  dirty: number,
  generation: Buffer | null,
  outcomes: readonly WriteOutcome[],
  now: number,
];

function argumentsOf({ key, op, payload, operation = '', given, lease = '' }: DirtyWrite): Command {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return [key, letterOf(op), bytes, operation, given === undefined ? '' : String(given), lease];
}

function tooLate(): CacheError {
  const sentence = 'the ledger in Redis got the write too late to know whether it had it before; it may be noted';
  return new CacheError('LEDGER_UNAVAILABLE', sentence, { store: 'redis ledger' });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'LEDGER_UNAVAILABLE';
}
