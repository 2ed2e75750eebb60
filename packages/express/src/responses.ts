import {
  type Cache,
  type Clock,
  type Eviction,
  type Key,
  type Loader,
  Resource,
  type Strategy,
  type StrategyContext,
} from '@cache/core';
import { HitHead } from './http/hit-head.ts';
import { isSound } from './http/soundness.ts';
import type { StoredResponse } from './http/stored-response.ts';
import type { Place, VaryRule } from './http/place.ts';
import type { QueryRule } from './http/query.ts';
import { UrlReader } from './http/request-url.ts';
import { isUrlTag } from './http/url-tag.ts';
import { Marks } from './marks.ts';
import { SecondChanceMap } from './second-chance.ts';
import { Variants } from './variants.ts';

/** How many tags the cache invalidates at once, and an entry has. */
export const mostTags = 100;

/** Of how many places the tags of their URLs are known; at the others, whatever is changed may concern what is on its way. */
const mostOnTheirWay = 2_000;

type Load = Loader<Key, Stored | undefined>;

/** What is kept under one key: a response, or the fields by which responses of this URL are told apart. */
export type Stored = StoredResponse | VaryRule;

/** The stored responses of one cache, and what is known of their URLs besides. */
export class Responses extends Resource<Key, Stored | undefined> {
  readonly clock: Clock;
  /**
   * Hit-for-miss: places whose last response could not be shared. Who looks there does not wait for another one's
   * answer, which would be of no use again; the first response that could be shared takes the mark away.
   */
  readonly hitForMiss: Marks;
  /** Places whose response takes longer than somebody would wait for it; the response takes the mark away. */
  readonly slow: Marks;
  readonly #variants = new Variants();
  readonly #readers = new Map<string, UrlReader>();
  readonly #heads = new WeakMap<StoredResponse, HitHead>();
  /** The tags of URLs at places where something may be on its way: a change of another URL does not concern it. */
  readonly #urlTags: SecondChanceMap<{ readonly tag: string | undefined }>;

  readonly #cache: Cache;

  constructor(context: StrategyContext, cache: Cache) {
    const urlTags = new SecondChanceMap<{ readonly tag: string | undefined }>(mostOnTheirWay);
    const mayHave = (tag: string, key: string): boolean => {
      const known = urlTags.get(key);
      return known === undefined || !isUrlTag(tag) || known.tag === tag;
    };
    super(context.parts<Key>({ ...policy, mayHave }, { load: () => undefined }));
    this.#urlTags = urlTags;
    this.#cache = cache;
    this.clock = context.clock;
    this.hitForMiss = new Marks(context.clock);
    this.slow = new Marks(context.clock);
    this.urlsBy(undefined);
  }

  /** What memory has of the key, fresh: the hot path. */
  near(key: string): Stored | undefined {
    return this.#usable(key, this.engine.hitNow(key));
  }

  /**
   * What the tiers have of the key, else what `load` brings for all who wait for it; `undefined` for nothing to share.
   * `tag` is the one of its URL, which it has if the key tells more than that.
   */
  async getOrLoad(key: string, load: Load, tag?: string): Promise<Stored | undefined> {
    this.#urlTags.set(key, { tag });
    return this.#usable(key, await this.engine.miss(key, { load }));
  }

  /** What `load` brings, beginning no earlier than now, for all who ask for it meanwhile. */
  async reload(key: string, load: Load, tag?: string): Promise<Stored | undefined> {
    this.#urlTags.set(key, { tag });
    const { policy } = this.engine;
    return this.#usable(key, await this.engine.ask(key, { source: { load }, policy, fresh: true, signal: undefined }));
  }

  /** Rises with every invalidation of tags that this process knows of: no URL is changed without one. */
  get changes(): number {
    return this.engine.tagVersion;
  }

  /** Whether other processes change what is stored too. */
  get areShared(): boolean {
    return this.engine.isShared;
  }

  /** What the tiers have of the key. It loads nothing and joins nobody. */
  async find(key: string): Promise<Stored | undefined> {
    const found = await this.peek(key);
    return found.hit ? this.#usable(key, found.value) : undefined;
  }

  /** Invalidates all of the cache that has one of these tags, of which there may be more than the cache takes at once. */
  async invalidateTags(tags: readonly string[]): Promise<Eviction> {
    const portions = Array.from({ length: Math.ceil(tags.length / mostTags) }, (_, at) => at * mostTags);
    const evictions = portions.map((at) => this.#cache.invalidateTags(...tags.slice(at, at + mostTags)));
    return (await Promise.all(evictions)).every((each) => each === 'done') ? 'done' : 'pending';
  }

  /** The rules for queries that the routes of this process have; to have none is one of them. */
  get queryRules(): readonly (QueryRule | undefined)[] {
    return [...this.#readers.values()].map(({ rule }) => rule);
  }

  /** What takes URLs apart by the rule of a route: the same for all of that rule. */
  urlsBy(rule: QueryRule | undefined): UrlReader {
    const id =
      rule === undefined
        ? ''
        : JSON.stringify(Object.entries(rule).map(([kind, names]) => [kind, ...[...names].sort()]));
    let reader = this.#readers.get(id);
    if (reader === undefined) this.#readers.set(id, (reader = new UrlReader(rule)));
    return reader;
  }

  /** Notes that a variant of a URL is in use; of more than `most` the least recently used one is forgotten. */
  usesVariant(place: Place, most: number): void {
    if (place.depth === 0) return;
    const oldest = this.#variants.use(place.url, place.key, most);
    if (oldest !== undefined) void this.evict(oldest).catch(() => undefined);
  }

  /** The head of a response that memory has. */
  headOf(stored: StoredResponse): HitHead {
    let head = this.#heads.get(stored);
    if (head === undefined) this.#heads.set(stored, (head = new HitHead(stored)));
    return head;
  }

  #usable(key: string, value: unknown): Stored | undefined {
    if (value === undefined || isSound(value)) return value;
    void this.evict(key).catch(() => undefined);
    return undefined;
  }
}

const policy = {
  // Of each response its own freshness counts, exactly.
  jitter: 0,
  // Nobody but this package sees a stored response, and it changes none.
  isolation: 'shared',
} as const;

function strategy(cache: Cache): Strategy<Responses> {
  return { open: (context) => new Responses(context, cache) };
}

/** Of the whole process, so that the ESM and the CommonJS build of this package share what they keep in one cache. */
const registry = Symbol.for('@cache/express/responses');
const world = globalThis as { [registry]?: WeakMap<Cache, Responses> };

/**
 * The stored responses of a cache, declared at first use as its resource `http`.
 *
 * @throws CacheError `DUPLICATE_RESOURCE` where the cache has a resource of that name already, or `CLOSED`.
 */
export function responsesOf(cache: Cache): Responses {
  const opened = (world[registry] ??= new WeakMap());
  let responses = opened.get(cache);
  if (responses === undefined) opened.set(cache, (responses = cache.resource('http', strategy(cache))));
  return responses;
}
