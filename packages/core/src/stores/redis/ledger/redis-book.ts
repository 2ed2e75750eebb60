import { randomUUID } from 'node:crypto';
import { delay } from '../../../model/clock.ts';
import { CacheError } from '../../../model/errors.ts';
import type {
  Claim,
  ClaimRequest,
  DeadRecord,
  DirtyWrite,
  LedgerBook,
  LedgerContext,
  LedgerFigures,
  Outcome,
  PutReply,
  Redrive,
  Settled,
  Unwritten,
} from '../../../model/ledger.ts';
import type { ClientKind } from '../clients/own-client.ts';
import { RedisConnection } from '../connection.ts';
import { slotOf } from '../slot.ts';
import { Commits } from './commits.ts';
import { claimedOf, deadOf, letterOf, unwrittenOf } from './records.ts';
import * as scripts from './scripts.ts';
import { isOutOfMemory, Shard } from './shard.ts';

export interface RedisBookSettings {
  readonly kind: ClientKind;
  readonly deadline: number;
  readonly shards: number;
}

/** Milliseconds for which one write is tried: less than its name is known for. */
const patience = 5_000;
const pause = 50;

export class RedisBook implements LedgerBook {
  readonly #context: LedgerContext;
  readonly #connection: RedisConnection;
  readonly #shards: readonly Shard[];
  readonly #commits: Commits;
  readonly #self = randomUUID().slice(0, 8);
  #writes = 0;
  #highest = 0;
  #turn = 0;
  #closed = false;

  constructor(context: LedgerContext, { kind, deadline, shards }: RedisBookSettings) {
    const { clock, namespace, resource } = context;
    this.#context = context;
    const settings = { kind, clock, deadline, report: (error: unknown) => context.report(error) };
    this.#connection = new RedisConnection(settings);
    this.#commits = new Commits({ ...settings, clock });
    this.#shards = Array.from(
      { length: shards },
      (_, at) =>
        new Shard({
          stem: `${namespace}:{${resource}/${at}}`,
          count: shards,
          connection: this.#connection,
          clock,
          deadline,
          lost: (reason) => context.lost(reason),
        }),
    );
  }

  async put(write: DirtyWrite): Promise<PutReply> {
    const shard = this.#shardOf(write.key);
    const { clock } = this.#context;
    this.#writes += 1;
    const operation = write.operation ?? `${this.#self}:${this.#writes.toString(36)}`;
    const end = clock.elapsed(true) + patience;
    await this.#ready(shard, end);
    // By the server's clock: whatever arrives later, on whatever connection, is refused, as its name may be forgotten.
    let until = shard.now + patience;
    for (let attempts = 1; ; attempts += 1) {
      try {
        const reply = await this.#put(shard, write, operation, until);
        if (reply !== 'late') return reply;
        // The one and only attempt was not made: what comes now is the first.
        if (attempts > 1 || clock.elapsed(true) >= end + patience) throw tooLate(write.key);
        attempts = 0;
        until = shard.now + patience;
      } catch (error) {
        if (isOutOfMemory(error)) return { state: 'full', dirty: this.#dirty };
        if (!isUnavailable(error) || clock.elapsed(true) + pause >= end || this.#closed) throw error;
        await delay(clock, pause);
      }
    }
  }

  async read(keys: readonly string[]): Promise<(Unwritten | undefined)[]> {
    const found = new Map<string, Unwritten | undefined>();
    await Promise.all(
      this.#byShard(keys).map(async ([shard, some]) => {
        const reply = await shard.run(scripts.read, some);
        const [generation, newest, pinned] = reply as [Buffer | null, (Buffer | null)[], (Buffer | null)[]];
        shard.told(generation);
        some.forEach((key, at) => found.set(key, unwrittenOf(key, newest[at]!, pinned[at]!)));
      }),
    );
    return keys.map((key) => found.get(key));
  }

  async lease(key: string, token: string, ttl: number): Promise<'granted' | 'held' | 'dirty'> {
    const shard = this.#shardOf(key);
    const state = (await shard.run(scripts.lease, [key, token, String(ttl)], key)) as Buffer;
    return state.toString() as 'granted' | 'held' | 'dirty';
  }

  async unlease(key: string, token: string): Promise<boolean> {
    return (await this.#shardOf(key).run(scripts.unlease, [token], key)) === 1;
  }

  /** Shards take turns in being asked first. */
  async claim(request: ClaimRequest): Promise<Claim> {
    const { due } = this.#context;
    const records: Claim['records'][number][] = [];
    let next = Infinity;
    this.#turn += 1;
    for (const [at] of this.#shards.entries()) {
      const shard = this.#shards[(this.#turn + at) % this.#shards.length]!;
      const max = request.max - records.length;
      if (max <= 0) break;
      const flags = [request.all ? '1' : '0', String(Math.floor(due / 4))];
      const args = [request.token, String(max), String(request.lease), ...flags];
      const [dirty, generation, wait, flat] = (await shard.run(scripts.claim, args)) as [
        number,
        Buffer,
        number,
        Buffer[],
      ];
      shard.told(generation, dirty);
      records.push(...claimedOf(flat));
      if (wait >= 0) next = Math.min(next, wait);
    }
    const wait = next === Infinity ? undefined : next;
    return { records, next: records.length > 0 ? 0 : wait, dirty: this.#dirty };
  }

  async ack(token: string, outcomes: readonly Outcome[]): Promise<{ settled: Settled[]; dirty: number }> {
    const settled = new Map<Outcome, Settled>();
    await Promise.all(
      this.#byShard(outcomes).map(async ([shard, some]) => {
        const args = some.flatMap((each) => [each.key, each.result, ...restOf(each)]);
        const reply = await shard.run(scripts.ack, [token, String(this.#context.due), ...args]);
        const [dirty, generation, states] = reply as [number, Buffer, Buffer[]];
        shard.told(generation, dirty);
        some.forEach((each, at) => settled.set(each, states[at]!.toString() as Settled));
      }),
    );
    return { settled: outcomes.map((each) => settled.get(each)!), dirty: this.#dirty };
  }

  async extend(token: string, keys: readonly string[], lease: number): Promise<string[]> {
    const held = await Promise.all(
      this.#byShard(keys).map(([shard, some]) => shard.run(scripts.extend, [token, String(lease), ...some])),
    );
    const still = new Set((held as Buffer[][]).flat().map((key) => key.toString()));
    return keys.filter((key) => still.has(key));
  }

  async drain(mark?: string): Promise<{ mark: string; left: boolean }> {
    const marks = mark?.split(',') ?? [];
    const replies = (await Promise.all(
      this.#shards.map((shard, at) => shard.run(scripts.drain, [marks[at] ?? ''])),
    )) as [Buffer, number][];
    return { mark: replies.map(([each]) => each.toString()).join(','), left: replies.some(([, left]) => left === 1) };
  }

  /** Of one shard after the other: an id is `shard/id`. */
  async dead(max: number, after?: string): Promise<DeadRecord[]> {
    const [first, last] = after === undefined ? [0, ''] : placeOf(after);
    const letters: DeadRecord[] = [];
    for (let at = first; at < this.#shards.length && letters.length < max; at += 1) {
      const args = [String(max - letters.length), at === first ? last : ''];
      const found = (await this.#shards[at]!.run(scripts.dead, args)) as [Buffer, Buffer[]][];
      letters.push(...found.map((each) => deadOf(each)).map((letter) => ({ ...letter, id: `${at}/${letter.id}` })));
    }
    return letters;
  }

  async redrive(id: string): Promise<Redrive> {
    const [at, own] = placeOf(id);
    const reply = await this.#shards[at]?.run(scripts.redrive, [own]);
    return reply === undefined ? 'gone' : ((reply as Buffer).toString() as Redrive);
  }

  async discard(id: string): Promise<boolean> {
    const [at, own] = placeOf(id);
    return (await this.#shards[at]?.run(scripts.discard, [own])) === 1;
  }

  async stats(): Promise<LedgerFigures> {
    const replies = (await Promise.all(this.#shards.map((shard) => shard.run(scripts.stats, [])))) as [
      number,
      number,
      number,
      Buffer,
    ][];
    const sum = (of: (reply: (typeof replies)[number]) => number): number =>
      replies.reduce((total, each) => total + of(each), 0);
    const oldest = Math.max(...replies.map(([, , , age]) => Number(age.toString()) / 1_000));
    return {
      dirty: sum(([dirty]) => dirty),
      claimed: sum(([, held]) => held),
      dead: sum(([, , dead]) => dead),
      oldest,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const shard of this.#shards) shard.close();
    this.#connection.close();
    this.#commits.close();
  }

  /** Rejects with what is wrong, or once the server has been out of reach for as long as a write is tried. */
  async #ready(shard: Shard, end: number): Promise<void> {
    const { clock } = this.#context;
    for (;;) {
      try {
        await shard.ready();
        return;
      } catch (error) {
        if (!isUnavailable(error) || clock.elapsed(true) + pause >= end || this.#closed) throw error;
        await delay(clock, pause);
      }
    }
  }

  async #put(shard: Shard, write: DirtyWrite, operation: string, until: number): Promise<PutReply | 'late'> {
    const { key, op, payload, given, lease, above = 0, durability = 'accepted' } = write;
    const { due, max } = this.#context;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const conditions = [given === undefined ? '' : String(given), lease ?? ''];
    const limits = [String(Math.max(above, this.#highest)), String(due), String(max), randomUUID()];
    const args = [key, letterOf(op), bytes, operation, String(Math.floor(until)), ...conditions, ...limits];
    const commit = durability === 'accepted' ? undefined : { durability, operation };
    const reply = await (commit === undefined
      ? shard.run(scripts.put, args, key)
      : this.#commits.put(shard, args, key, commit));
    const [state, dirty, generation, first, second] = reply as PutScriptReply;
    shard.told(generation, dirty);
    switch (state.toString()) {
      case 'accepted': {
        const version = Number(first!.toString());
        this.#highest = Math.max(this.#highest, version);
        shard.timed(second as number);
        return { state: 'accepted', version, dirty: this.#dirty };
      }
      case 'changed':
        return {
          state: 'changed',
          current: unwrittenOf(key, first ?? null, second as Buffer | null),
          dirty: this.#dirty,
        };
      case 'full':
        return { state: 'full', dirty: this.#dirty };
      default:
        return 'late';
    }
  }

  get #dirty(): number {
    return this.#shards.reduce((sum, { dirty }) => sum + dirty, 0);
  }

  #shardOf(key: string): Shard {
    const { length } = this.#shards;
    return this.#shards[length === 1 ? 0 : slotOf(`{${key.replaceAll('}', '')}}`) % length]!;
  }

  #byShard<T extends string | { readonly key: string }>(items: readonly T[]): [Shard, T[]][] {
    const groups = new Map<Shard, T[]>();
    for (const item of items) {
      const shard = this.#shardOf(typeof item === 'string' ? item : item.key);
      const group = groups.get(shard);
      if (group === undefined) groups.set(shard, [item]);
      else group.push(item);
    }
    return [...groups];
  }
}

type PutScriptReply = readonly [
  state: Buffer,
  dirty: number,
  generation: Buffer | null,
  Buffer | null,
  Buffer | number | null,
];

function tooLate(key: string): CacheError {
  const sentence = 'the ledger in Redis got the write too late to know whether it had it before; it may be noted';
  return new CacheError('LEDGER_UNAVAILABLE', sentence, { key, store: 'redis ledger' });
}

function restOf(outcome: Outcome): string[] {
  if (outcome.result === 'ok') return ['0', '0', ''];
  if (outcome.result === 'dead') return ['0', '0', outcome.error];
  return [String(Math.round(outcome.after)), outcome.counts ? '1' : '0', outcome.error];
}

function placeOf(id: string): [shard: number, id: string] {
  const [at, own = ''] = id.split('/', 2);
  return /^\d+$/.test(at!) && /^\d+-\d+$/.test(own) ? [Number(at), own] : [-1, ''];
}

function isUnavailable(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'LEDGER_UNAVAILABLE';
}
