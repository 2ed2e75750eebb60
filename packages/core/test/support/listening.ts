import { randomUUID } from 'node:crypto';
import {
  type Bus,
  type Cache,
  cacheAside,
  type CacheOptions,
  createCache,
  memoryStore,
  writeThrough,
} from '@cache/core';
import { type RedisClientLike, redisStore } from '@cache/core/redis';
import { type RedisServer, waitUntil } from '@cache/servers';

/** A bus to be heard by one more process. */
export type BusOf = (client: RedisClientLike) => Bus;

type Client = () => RedisClientLike;

export const hears = (cache: Cache, heard: boolean): Promise<void> =>
  waitUntil(`the bus is ${heard ? '' : 'not '}heard`, () => cache.health().bus?.heard === heard, 15_000);

/** Processes over one Redis and one source, each with a memory of its own. */
export class Listening {
  readonly rows = new Map<string, string>();
  readonly #busOf: BusOf;
  readonly #opened: Cache[] = [];

  constructor(busOf: BusOf) {
    this.#busOf = busOf;
  }

  static namespace(): string {
    return `b${randomUUID().slice(0, 8)}`;
  }

  /** A process that hears the bus. */
  async open(namespace: string, client: Client, options: CacheOptions & { maxValueBytes?: number } = {}) {
    const { maxValueBytes, ...rest } = options;
    const store = redisStore({ client: client(), ...(maxValueBytes === undefined ? {} : { maxValueBytes }) });
    const cache = createCache({ namespace, tiers: [memoryStore(), store], bus: this.#busOf(client()), ...rest });
    this.#opened.push(cache);
    const load = async (id: string): Promise<string | null> => this.rows.get(id) ?? null;
    const save = async (id: string, value: string | null): Promise<void> => void this.rows.set(id, value!);
    const users = cache.resource('user', cacheAside({ load, ttl: '1h', tags: ['all'] }));
    const carts = cache.resource('cart', writeThrough({ load, save, ttl: '1h' }));
    await cache.ready({ timeout: '20s' });
    await hears(cache, true);
    return { cache, users, carts };
  }

  /** Reads until memory has the value: what comes while the record of tags is begun by another process is not kept. */
  async remembers(users: Listener, value: string): Promise<void> {
    const isThere = async () => (await users.get('7')) === value && users.peekLocal('7') === value;
    await waitUntil(`'${value}' is in memory`, isThere);
  }

  /** What one process reads in the end that has every change from the other. */
  async lastHeard(client: Client, where = Listening.namespace()): Promise<string | null> {
    this.rows.set('7', 'old');
    const [mine, other] = await Promise.all([this.open(where, client), this.open(where, client)]);
    // Another test may have left it there.
    await mine.users.evict('7');
    await this.remembers(mine.users, 'old');
    await other.users.mutate('7', () => this.rows.set('7', 'new'));
    await waitUntil('the change is heard', () => mine.users.peekLocal('7') === undefined);
    await this.remembers(mine.users, 'new');
    this.rows.set('7', 'newer');
    await other.cache.invalidateTags('all');
    await waitUntil('the invalidation is heard', () => mine.users.peekLocal('7') === undefined);
    return mine.users.get('7');
  }

  /** What a process that has a value in memory gives once it no longer hears its frozen server; it hears it again after that. */
  async whileFrozen(redis: RedisServer, client: Client): Promise<{ inMemory: unknown; read: string | null }> {
    this.rows.set('7', 'old');
    const { cache, users } = await this.open(Listening.namespace(), client);
    await this.remembers(users, 'old');
    await redis.freeze();
    try {
      this.rows.set('7', 'new');
      await hears(cache, false);
      return { inMemory: users.peekLocal('7'), read: await users.get('7') };
    } finally {
      await redis.thaw();
      await hears(cache, true);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((cache) => cache.close()));
  }
}

type Listener = Awaited<ReturnType<Listening['open']>>['users'];
