import { asBuffer } from '../../model/as-buffer.ts';
import type { Clock } from '../../model/clock.ts';
import { CacheError } from '../../model/errors.ts';
import type { RecordSpace } from '../../model/records.ts';
import type { Command } from './clients/own-client.ts';
import type { RedisCommands } from './connection.ts';
import { scan } from './scan.ts';
import { evaluate, script } from './script.ts';
import { ServerClock } from './server-clock.ts';
import { slotOf } from './slot.ts';

export interface RedisRecordsOptions {
  readonly connection: RedisCommands;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** The most milliseconds that somebody waits for a record to be set. */
  readonly deadline: number;
}

// ARGV: the instant, by the server's own clock (ms), from which on the record is not to be set; then the record, its ttl
// (ms), and maybe XX. The reply begins with what has become of it; its second part is the time.
const set = script(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if now >= tonumber(ARGV[1]) then return { 'late', now } end
local done = redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], unpack(ARGV, 4))
return { done and 'set' or 'none', now }`);

/** Nothing is set so late: the reply only tells the time. */
const longAgo = '0';

/** How often a record is sent that the server finds late although there is time left: its clock may have been set. */
const attempts = 3;

/**
 * Records in Redis, under `<namespace>:r:<name>:{<address>}`; each method but `scan` is one command, and `set` one more
 * where Redis has not been asked for its time lately.
 *
 * A record that arrives when nobody waits for it any more is not set. 1: A sets a record, which hangs in the network ·
 * 2: A is told of a time-out · 3: B deletes the record · 4: it arrives. So each is sent with the instant of A's deadline
 * by the server's own clock, which refuses it from then on.
 */
export class RedisRecords implements RecordSpace {
  readonly #options: RedisRecordsOptions;
  readonly #connection: RedisCommands;
  readonly #prefix: string;
  /** On a cluster by slot, as it cannot be known which of the masters has it. */
  readonly #clocks = new Map<number, ServerClock>();

  constructor(options: RedisRecordsOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#prefix = `${options.namespace}:r:${options.name}:`;
  }

  async get(address: string): Promise<Uint8Array | undefined> {
    // Not MGET, for which a key of a foreign type is empty.
    return ((await this.#send(address, (key) => ['GET', key])) as Buffer | null) ?? undefined;
  }

  async set(address: string, record: Uint8Array, ttl: number, ifExists: boolean): Promise<boolean> {
    const key = this.#key(address);
    const there = this.#clockOf(key);
    const until = there.here + this.#options.deadline;
    const rest = [asBuffer(record), String(ttl), ...(ifExists ? ['XX'] : [])];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (there.at(until) === undefined) await this.#ask(there, key, [longAgo]);
      if (there.here > until) break;
      const end = there.at(until);
      const state = await this.#ask(there, key, [end === undefined ? longAgo : String(end), ...rest]);
      if (state !== 'late') return state === 'set';
    }
    throw new CacheError('STORE_TIMEOUT', 'a record was not set, since redis got it too late', { store: 'redis' });
  }

  async touch(address: string, ttl: number): Promise<boolean> {
    return (await this.#send(address, (key) => ['PEXPIRE', key, String(ttl)])) === 1;
  }

  async delete(address: string): Promise<void> {
    await this.#send(address, (key) => ['DEL', key]);
  }

  async *scan(): AsyncGenerator<readonly string[], void, undefined> {
    for await (const keys of scan(this.#connection, this.#prefix)) {
      yield keys.map((key) => key.slice(this.#prefix.length + 1, -1));
    }
  }

  /** Has the server set a record, and reads its clock from the reply. */
  async #ask(there: ServerClock, key: string, args: Command): Promise<string> {
    const askedAt = there.here;
    const [state, time] = (await evaluate(this.#connection, set, [key], args)) as [Buffer, number];
    there.read(time, askedAt);
    return state.toString();
  }

  #clockOf(key: string): ServerClock {
    const server = this.#connection.sharded ? slotOf(key) : 0;
    let clock = this.#clocks.get(server);
    if (clock === undefined) this.#clocks.set(server, (clock = new ServerClock(this.#options.clock)));
    return clock;
  }

  #send(address: string, command: (key: string) => Command): Promise<unknown> {
    const key = this.#key(address);
    return this.#connection.command(key, command(key));
  }

  #key(address: string): string {
    return `${this.#prefix}{${address}}`;
  }
}
