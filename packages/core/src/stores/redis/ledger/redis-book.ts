import { randomUUID } from 'node:crypto';
import type {
  Claim,
  ClaimRequest,
  DeadRecord,
  DirtyWrite,
  Durability,
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
import { claimedOf, deadOf, unwrittenOf } from './records.ts';
import { Putting } from './put-batch.ts';
import { Puts } from './puts.ts';
import { ack, claim, extend } from './scripts/claiming.ts';
import * as letters from './scripts/letters.ts';
import { drain, lease, read, stats, unlease } from './scripts/looking.ts';
import { Shard } from './shard.ts';

export interface RedisBookSettings {
  readonly kind: ClientKind;
  readonly deadline: number;
  readonly shards: number;
}

export class RedisBook implements LedgerBook {
  readonly #context: LedgerContext;
  readonly #connection: RedisConnection;
  readonly #shards: readonly Shard[];
  readonly #commits: Commits;
  readonly #self = randomUUID().slice(0, 8);
  readonly #puts = new Map<string, Puts>();
  #calls = 0;
  #turn = 0;

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
    const reply = await this.#putsOf(this.#shardOf(write.key), write.durability ?? 'accepted').put(write);
    return { ...reply, dirty: this.#dirty };
  }

  async read(keys: readonly string[]): Promise<(Unwritten | undefined)[]> {
    const found = new Map<string, Unwritten | undefined>();
    await Promise.all(
      portions(this.#byShard(keys)).map(async ([shard, some]) => {
        const reply = await shard.run(read, some);
        const [generation, newest, pinned] = reply as [Buffer | null, (Buffer | null)[], (Buffer | null)[]];
        shard.told(generation);
        some.forEach((key, at) => found.set(key, unwrittenOf(key, newest[at]!, pinned[at]!)));
      }),
    );
    return keys.map((key) => found.get(key));
  }

  async lease(key: string, token: string, ttl: number): Promise<'granted' | 'held' | 'dirty'> {
    const shard = this.#shardOf(key);
    const state = (await shard.run(lease, [key, token, String(ttl)])) as Buffer;
    return state.toString() as 'granted' | 'held' | 'dirty';
  }

  async unlease(key: string, token: string): Promise<boolean> {
    return (await this.#shardOf(key).run(unlease, [key, token])) === 1;
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
      const [dirty, generation, wait, flat] = (await shard.run(claim, args)) as [number, Buffer, number, Buffer[]];
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
        const reply = await shard.run(ack, [token, String(this.#context.due), ...args]);
        const [dirty, generation, states] = reply as [number, Buffer, Buffer[]];
        shard.told(generation, dirty);
        some.forEach((each, at) => settled.set(each, states[at]!.toString() as Settled));
      }),
    );
    return { settled: outcomes.map((each) => settled.get(each)!), dirty: this.#dirty };
  }

  async extend(token: string, keys: readonly string[], lease: number): Promise<string[]> {
    const held = await Promise.all(
      this.#byShard(keys).map(([shard, some]) => shard.run(extend, [token, String(lease), ...some])),
    );
    const still = new Set((held as Buffer[][]).flat().map((key) => key.toString()));
    return keys.filter((key) => still.has(key));
  }

  async drain(mark?: string): Promise<{ mark: string; left: boolean }> {
    const marks = mark?.split(',') ?? [];
    const replies = (await Promise.all(this.#shards.map((shard, at) => shard.run(drain, [marks[at] ?? ''])))) as [
      Buffer,
      number,
    ][];
    return { mark: replies.map(([each]) => each.toString()).join(','), left: replies.some(([, left]) => left === 1) };
  }

  /** Of one shard after the other: an id is `shard/id`. */
  async dead(max: number, after?: string): Promise<DeadRecord[]> {
    const [first, last] = after === undefined ? [0, ''] : placeOf(after);
    const found: DeadRecord[] = [];
    for (let at = first; at < this.#shards.length && found.length < max; at += 1) {
      const args = [String(max - found.length), at === first ? last : ''];
      const some = (await this.#shards[at]!.run(letters.dead, args)) as [Buffer, Buffer[]][];
      found.push(...some.map((each) => deadOf(each)).map((letter) => ({ ...letter, id: `${at}/${letter.id}` })));
    }
    return found;
  }

  async redrive(id: string): Promise<Redrive> {
    const [at, own] = placeOf(id);
    const reply = await this.#shards[at]?.run(letters.redrive, [own]);
    return reply === undefined ? 'gone' : ((reply as Buffer).toString() as Redrive);
  }

  async discard(id: string): Promise<boolean> {
    const [at, own] = placeOf(id);
    return (await this.#shards[at]?.run(letters.discard, [own])) === 1;
  }

  async stats(): Promise<LedgerFigures> {
    const replies = (await Promise.all(this.#shards.map((shard) => shard.run(stats, [])))) as [
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
    for (const shard of this.#shards) shard.close();
    this.#connection.close();
    this.#commits.close();
  }

  #putsOf(shard: Shard, durability: Durability): Puts {
    const wanted = typeof durability === 'string' ? durability : durability.replicated;
    const name = `${shard.keys[0]} ${wanted}`;
    const found = this.#puts.get(name);
    if (found !== undefined) return found;
    const { clock, due, max, maxAge } = this.#context;
    const putting = new Putting({ shard, clock, due, max, maxAge });
    const made = new Puts({
      name: () => `${this.#self}:${(this.#calls += 1).toString(36)}`,
      ...(durability === 'accepted'
        ? { atOnce: Infinity, send: (batch) => putting.put(batch) }
        : { atOnce: 1, send: (batch) => this.#commits.put(shard, putting, batch, durability) }),
    });
    this.#puts.set(name, made);
    return made;
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

/** More keys at once than Lua can hand to one command. */
const mostAtOnce = 1_000;

function portions<T>(groups: readonly [Shard, T[]][]): [Shard, T[]][] {
  return groups.flatMap(([shard, items]) =>
    Array.from({ length: Math.ceil(items.length / mostAtOnce) }, (_, at): [Shard, T[]] => [
      shard,
      items.slice(at * mostAtOnce, (at + 1) * mostAtOnce),
    ]),
  );
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
