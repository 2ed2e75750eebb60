import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../model/clock.ts';
import { CacheError } from '../../../model/errors.ts';
import { withDeadline } from '../../../layers/deadline.ts';
import type { Command } from '../clients/own-client.ts';
import type { RedisConnection } from '../connection.ts';
import { evaluate, type Script } from '../script.ts';
import { places } from './scripts/layout.ts';
import * as scripts from './scripts/looking.ts';
import { checkServer, refused, type ServerFacts } from './server-check.ts';

export interface ShardOptions {
  /** `<namespace>:{<resource>/<number>}`. */
  readonly stem: string;
  /** How many shards there are to be. */
  readonly count: number;
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** The most milliseconds that one call takes. */
  readonly deadline: number;
  lost(reason: string): void;
}

/** One part of a ledger: all its keys are in one slot, and every change of them is one script. */
export class Shard {
  readonly #options: ShardOptions;
  readonly keys: readonly string[];
  /** How many keys were unwritten when the server last told. */
  dirty = 0;
  /** The highest version that this process was given: after a failover that lost the last ones, new ones are higher still. */
  highest = 0;
  #generation: string | undefined;
  #ready: Promise<ServerFacts> | undefined;
  /** By how much the server's clock is ahead of `Clock.elapsed`, as the freshest reply of this minute and the last told. */
  readonly #ahead = { now: -Infinity, before: -Infinity, until: 0 };
  #closed = false;

  constructor(options: ShardOptions) {
    this.#options = options;
    this.keys = places.map((name) => `${options.stem}:${name}`);
  }

  /** About the server's time, never ahead of it, in milliseconds. */
  get now(): number {
    return this.#options.clock.elapsed(true) + Math.max(this.#ahead.now, this.#ahead.before);
  }

  /** Rejects with `LEDGER_REFUSED` for a place that is none for a ledger. */
  ready(): Promise<ServerFacts> {
    this.#ready ??= this.#open().catch((error: unknown) => {
      // What was out of reach may be there the next time, and a server may be set right.
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /**
   * Runs a script on this shard.
   *
   * @throws CacheError `LEDGER_UNAVAILABLE`, `LEDGER_REFUSED`.
   */
  async run(script: Script, args: Command, connection = this.#options.connection): Promise<unknown> {
    if (this.#closed) throw new CacheError('CLOSED', 'the ledger is closed');
    await this.ready();
    return this.within(evaluate(connection, script, this.keys, args));
  }

  /** The outcome of work on this shard, as a ledger tells it. */
  async within<T>(work: Promise<T>): Promise<T> {
    const { clock, deadline } = this.#options;
    try {
      return await withDeadline(clock, deadline, 'redis ledger', work);
    } catch (error) {
      throw ledgerError(error);
    }
  }

  /** The identity of the ledger, as a reply has it: another one says that what was accepted is gone. */
  told(generation: Buffer | null, dirty = this.dirty): void {
    this.dirty = dirty;
    const found = generation?.toString() ?? 'none';
    if (this.#generation !== undefined && found !== this.#generation) {
      this.#options.lost(
        'the ledger in Redis is not the one that it was: it was deleted, or another server took its place',
      );
    }
    this.#generation = found;
  }

  /** The server's time in a reply. One that waited here to be read tells too little, so that the most is what counts. */
  timed(now: number): void {
    const elapsed = this.#options.clock.elapsed(true);
    const ahead = this.#ahead;
    if (elapsed >= ahead.until) {
      Object.assign(ahead, { before: ahead.now, now: -Infinity, until: elapsed + 60_000 });
    }
    ahead.now = Math.max(ahead.now, now - elapsed);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  async #open(): Promise<ServerFacts> {
    const { connection, count } = this.#options;
    const info = (await this.within(evaluate(connection, scripts.info, [this.keys[0]!], []))) as Buffer;
    const facts = checkServer(info.toString());
    const opening = evaluate(connection, scripts.open, this.keys, [randomUUID(), String(count)]);
    const [generation, shards, now] = (await this.within(opening)) as [Buffer, Buffer, Buffer];
    if (Number(shards.toString()) !== count) {
      const sentence = `there is a ledger with shards: ${shards.toString()} already, and keys would be looked for in the wrong one; write that instead of ${count}`;
      throw refused(sentence);
    }
    this.told(generation);
    this.timed(Number(now.toString()));
    return facts;
  }
}

/** Faults that pass: of the connection, or of a server that is not to be asked now. */
function ledgerError(error: unknown): CacheError {
  if (error instanceof CacheError && (error.code === 'CLOSED' || error.code.startsWith('LEDGER'))) return error;
  const details = { cause: error, store: 'redis ledger' };
  const message = error instanceof Error ? error.message : String(error);
  if (
    error instanceof CacheError &&
    error.code === 'STORE_REFUSED' &&
    !/READONLY|NOREPLICAS|TRYAGAIN|OOM/.test(message)
  ) {
    return new CacheError('LEDGER_REFUSED', `the ledger in Redis: ${message}`, details);
  }
  return new CacheError('LEDGER_UNAVAILABLE', `the ledger in Redis does not answer: ${message}`, details);
}

/** Whether a server refused because it is full; nothing was changed then. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /OOM command not allowed|-OOM\b/.test(`${error.message} ${messageOfCause(error)}`);
}

function messageOfCause({ cause }: Error): string {
  return cause instanceof Error ? cause.message : '';
}
