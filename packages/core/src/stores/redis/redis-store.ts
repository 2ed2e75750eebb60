import { randomUUID } from 'node:crypto';
import { mostTags, namespaceTag } from '../../engine/tag-clocks.ts';
import { asBuffer } from '../../model/as-buffer.ts';
import { type ByteSize, parseBytes } from '../../model/bytes.ts';
import type { Duration } from '../../model/duration.ts';
import type { TagClock } from '../../model/entry.ts';
import { CacheError } from '../../model/errors.ts';
import { parseOptions, positiveDuration, withDefault } from '../../model/options.ts';
import type {
  Eviction,
  Fill,
  FillRequest,
  LeaseReply,
  LeaseRequest,
  ReplaceRequest,
  SharedRead,
  SharedSpace,
  SharedStore,
  StoreContext,
  TagRecord,
} from '../../model/store.ts';
import { addressRules, kindOfAddress, type RedisAddress } from './address.ts';
import type { Command } from './clients/own-client.ts';
import { RedisConnection } from './connection.ts';
import { KeySpace } from './key-space.ts';
import { RedisCounters } from './redis-counters.ts';
import { RedisRecords } from './redis-records.ts';
import { evaluate, type Script } from './script.ts';
import * as scripts from './scripts.ts';
import { bySlot } from './slot.ts';
import { tagClock, TagClockReader } from './tag-clock-reader.ts';

export interface RedisStoreOptions extends RedisAddress {
  /** The most that one call of a caller spends on Redis, whatever it does there. Default `'150ms'`. */
  deadline?: Duration;
  /** Larger values are not sent, which the event `tooLarge` tells. Default `'8mb'`. */
  maxValueBytes?: ByteSize;
}

/**
 * A tier in Redis (6.0 or newer), shared by all processes that name the same namespace. Keys are
 * `<namespace>:{…}:v|l|w` for a value, its lease and its writers, `<namespace>:{tags}:…` for the record of tags, and
 * `<namespace>:r:…` and `<namespace>:c:…` for records and counters.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function redisStore(options: RedisStoreOptions): SharedStore {
  const { url, client, deadline, maxValueBytes } = parseOptions('redisStore', options, {
    ...addressRules,
    deadline: withDefault(positiveDuration, 150),
    maxValueBytes: withDefault(parseBytes, 8 * 2 ** 20),
  });
  const kind = kindOfAddress('redisStore', { url, client });
  return {
    name: 'redis',
    scope: 'shared',
    capabilities: { conditionalFill: true },
    deadline,
    maxValueBytes,
    open(context) {
      const report = (error: unknown): void => context.report(error);
      return new RedisSpace(context, new RedisConnection({ kind, clock: context.clock, deadline, report }), deadline);
    },
  };
}

/** As much of a frame as tells it from any other: its header, with the instants to the millisecond. */
const headLength = 64;

class RedisSpace implements SharedSpace {
  readonly #connection: RedisConnection;
  readonly #context: StoreContext;
  readonly #keys: KeySpace;
  readonly #deadline: number;
  readonly #tagClock = new TagClockReader();

  constructor(context: StoreContext, connection: RedisConnection, deadline: number) {
    this.#context = context;
    this.#connection = connection;
    this.#deadline = deadline;
    this.#keys = new KeySpace(context.namespace);
  }

  async read(addresses: readonly string[]): Promise<SharedRead> {
    const keys = addresses.map((address) => this.#keys.ofValue(address));
    keys.push(this.#keys.tags[0]);
    const values = await this.#values(keys);
    const clock = this.#tagClock.read(values.pop()!);
    return { frames: values.map((value) => value ?? undefined), clock };
  }

  async lease(address: string, { token, ttl, seen }: LeaseRequest): Promise<LeaseReply> {
    // An empty head is one too: of a frame that is no frame of ours, but has been seen.
    const head = seen === undefined ? [] : [asBuffer(seen.subarray(0, headLength))];
    const args = [token, String(ttl), ...head];
    const [state, frame] = (await this.#run(scripts.lease, address, args)) as [Buffer, Buffer?];
    switch (state.toString()) {
      case 'granted':
        return { state: 'granted' };
      case 'held':
        return { state: 'held' };
      case 'filled':
        return { state: 'filled', frame: frame! };
      case 'foreign':
        this.#context.report(
          new CacheError('CORRUPT_FRAME', 'a key of ours holds a Redis type of somebody else', { store: 'redis' }),
        );
        return { state: 'writing' };
      default:
        return { state: 'writing' };
    }
  }

  async extend(address: string, token: string, ttl: number): Promise<boolean> {
    return (await this.#run(scripts.extend, address, [token, String(ttl)])) === 1;
  }

  async fill(address: string, { token, frame, ttl }: FillRequest): Promise<Fill> {
    return filled(await this.#run(scripts.fill, address, [token, asBuffer(frame), String(ttl)]));
  }

  async replace(address: string, { seen, frame, ttl }: ReplaceRequest): Promise<Fill> {
    return filled(await this.#run(scripts.replace, address, [asBuffer(seen), asBuffer(frame), String(ttl)]));
  }

  async release(address: string, token: string): Promise<boolean> {
    return (await this.#run(scripts.release, address, [token])) === 1;
  }

  async mark(addresses: readonly string[], token: string, ttl: number): Promise<void> {
    await Promise.all(addresses.map((address) => this.#run(scripts.mark, address, [token, String(ttl)])));
  }

  async commit(address: string, token: string, value?: Omit<FillRequest, 'token'>): Promise<Fill> {
    const rest = value === undefined ? [] : [asBuffer(value.frame), String(value.ttl)];
    return filled(await this.#run(scripts.commit, address, [token, ...rest]));
  }

  async evict(addresses: readonly string[]): Promise<Eviction> {
    await Promise.all(addresses.map((address) => this.#run(scripts.evict, address, [])));
    return 'done';
  }

  async invalidate(tags: readonly string[]): Promise<TagClock> {
    const args = [randomUUID(), String(mostTags), namespaceTag, ...tags];
    const [generation, at] = (await evaluate(this.#connection, scripts.invalidate, this.#keys.tags, args)) as [
      Buffer,
      Buffer,
    ];
    return tagClock(generation.toString(), at.toString());
  }

  async tags(since: TagClock): Promise<TagRecord> {
    const args = [randomUUID(), since.generation, String(since.at)];
    const [generation, at, found] = (await evaluate(this.#connection, scripts.tags, this.#keys.tags, args)) as [
      Buffer,
      Buffer,
      Buffer[],
    ];
    const instants = new Map<string, number>();
    for (let i = 0; i < found.length; i += 2) instants.set(found[i]!.toString(), Number(found[i + 1]!.toString()));
    return { clock: tagClock(generation.toString(), at.toString()), instants };
  }

  records(name: string): RedisRecords {
    const { namespace, clock } = this.#context;
    return new RedisRecords({ connection: this.#connection, clock, namespace, name, deadline: this.#deadline });
  }

  counters(name: string): RedisCounters {
    return new RedisCounters(this.#connection, this.#context.namespace, name);
  }

  async ping(): Promise<void> {
    // Not PING: a user whose access rules allow no more than is needed here may not say it.
    await this.read([]);
  }

  reset(): void {
    this.#connection.reset();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** What the keys hold: by one command, or on a cluster by one per slot. */
  #values(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#connection.sharded ? this.#valuesBySlot(keys) : this.#valuesOfSlot(keys);
  }

  async #valuesBySlot(keys: readonly string[]): Promise<(Buffer | null)[]> {
    const groups = bySlot(keys);
    const replies = await Promise.all(groups.map((group) => this.#valuesOfSlot(group)));
    const found = new Map(groups.flatMap((group, at) => group.map((key, i) => [key, replies[at]![i]!])));
    return keys.map((key) => found.get(key)!);
  }

  #valuesOfSlot(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#connection.command(keys[0]!, ['MGET', ...keys]) as Promise<(Buffer | null)[]>;
  }

  #run(script: Script, address: string, args: Command): Promise<unknown> {
    return evaluate(this.#connection, script, this.#keys.of(address), args);
  }
}

function filled(reply: unknown): Fill {
  return reply === 1 ? 'filled' : 'refused';
}
