import { randomUUID } from 'node:crypto';
import { mostTags, namespaceTag } from '../../engine/tag-clocks.ts';
import type { Duration } from '../../model/duration.ts';
import type { TagClock } from '../../model/entry.ts';
import { CacheError } from '../../model/errors.ts';
import { having, optional, parseOptions, positiveDuration, withDefault } from '../../model/options.ts';
import type {
  Eviction,
  Fill,
  FillRequest,
  LeaseReply,
  LeaseRequest,
  SharedRead,
  SharedSpace,
  SharedStore,
  StoreContext,
  TagRecord,
} from '../../model/store.ts';
import { checkAddress, clientMaker, type RedisAddress, type RedisClientLike, RedisConnection } from './connection.ts';
import * as scripts from './scripts.ts';

export interface RedisStoreOptions extends RedisAddress {
  /** The most that one call of a caller spends on Redis, whatever it does there. Default `'150ms'`. */
  deadline?: Duration;
}

/**
 * A tier in Redis (6.0 or newer), shared by all processes that name the same namespace. Keys are
 * `<namespace>:{…}:v|l|w` for a value, its lease and its writers, and `<namespace>:{tags}:…` for the record of tags.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function redisStore(options: RedisStoreOptions): SharedStore {
  const { url, client, deadline } = parseOptions('redisStore', options, {
    url: (value) => value as string | undefined,
    client: optional(having<RedisClientLike>('a node-redis client', 'duplicate', 'sendCommand')),
    deadline: withDefault(positiveDuration, 150),
  });
  checkAddress('redisStore', { url, client });
  const address: RedisAddress = client === undefined ? { url: url! } : { client };
  return {
    name: 'redis',
    scope: 'shared',
    capabilities: { conditionalFill: true },
    deadline,
    open: (context) =>
      new RedisSpace(context, new RedisConnection(clientMaker(address), (error) => context.report(error))),
  };
}

/** As much of a frame as tells it from any other: its header, with the instants to the millisecond. */
const headLength = 64;

class RedisSpace implements SharedSpace {
  readonly #connection: RedisConnection;
  readonly #context: StoreContext;
  readonly #tagKeys: readonly [string, string];

  constructor(context: StoreContext, connection: RedisConnection) {
    this.#context = context;
    this.#connection = connection;
    this.#tagKeys = [`${context.namespace}:{tags}:clock`, `${context.namespace}:{tags}:instants`];
  }

  async read(addresses: readonly string[]): Promise<SharedRead> {
    const values = addresses.map((address) => this.#keys(address)[0]);
    const [frames, clock] = (await Promise.all([
      values.length === 0 ? [] : this.#connection.command(['MGET', ...values]),
      this.#connection.command(['HMGET', this.#tagKeys[0], 'generation', 'at']),
    ])) as [(Buffer | null)[], [Buffer | null, Buffer | null]];
    return { frames: frames.map((frame) => frame ?? undefined), clock: clockOf(clock[0], clock[1]) };
  }

  async lease(address: string, { token, ttl, seen }: LeaseRequest): Promise<LeaseReply> {
    const head = seen === undefined ? '' : Buffer.from(seen.subarray(0, headLength));
    const [state, frame] = (await this.#run(scripts.lease, address, [token, String(ttl), head])) as [Buffer, Buffer?];
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
    const [generation, at] = (await this.#eval(scripts.invalidate, this.#tagKeys, args)) as [Buffer, Buffer];
    return clockOf(generation, at)!;
  }

  async tags(since: TagClock): Promise<TagRecord> {
    const args = [randomUUID(), since.generation, String(since.at)];
    const [generation, at, found] = (await this.#eval(scripts.tags, this.#tagKeys, args)) as [Buffer, Buffer, Buffer[]];
    const instants = new Map<string, number>();
    for (let i = 0; i < found.length; i += 2) instants.set(found[i]!.toString(), Number(found[i + 1]!.toString()));
    return { clock: clockOf(generation, at)!, instants };
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

  /** The frame, the lease and the writers of an address, all in one cluster slot. */
  #keys(address: string): readonly [string, string, string] {
    const stem = `${this.#context.namespace}:{${address}}`;
    return [`${stem}:v`, `${stem}:l`, `${stem}:w`];
  }

  #run(script: scripts.Script, address: string, args: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#eval(script, this.#keys(address), args);
  }

  async #eval(script: scripts.Script, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#connection.command(['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      // A server that was restarted, or whose scripts were flushed, has to be given the text once more.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#connection.command(['EVAL', script.source, ...rest]);
    }
  }
}

function filled(reply: unknown): Fill {
  return reply === 1 ? 'filled' : 'refused';
}

function clockOf(generation: Buffer | null, at: Buffer | null): TagClock | undefined {
  return generation === null || at === null
    ? undefined
    : { generation: generation.toString(), at: Number(at.toString()) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
