import { setTimeout as delay } from 'node:timers/promises';
import { cacheAside, createCache, type SharedStore } from '@cache/core';

/** A cache over one shared store, before a source of versions that only grow. */
function serve(store: SharedStore, namespace: string, source: Map<string, number>) {
  const cache = createCache({ namespace, tiers: [store] });
  const versions = cache.resource(
    'version',
    cacheAside<string, number>({ load: (key) => source.get(key) ?? 0, ttl: '10m' }),
  );
  return { cache, versions };
}

/**
 * Reads and changes keys without pause, and notes each answer that is older than a change which this process had made
 * before it asked.
 */
export class Traffic {
  readonly wrong: string[] = [];
  /** The most milliseconds that a read or a change took; the source takes none. */
  worst = 0;
  readonly keys: readonly string[];
  readonly #service: ReturnType<typeof serve>;
  readonly #source: Map<string, number>;
  readonly #made = new Map<string, number>();
  #changes = true;
  #running: Promise<unknown> | undefined;
  #stopped = false;

  constructor(store: SharedStore, namespace: string, source: Map<string, number>, prefix: string) {
    this.#service = serve(store, namespace, source);
    this.#source = source;
    this.keys = Array.from({ length: 12 }, (_, index) => `${prefix}:${index}`);
  }

  /** Begins, once every key is there. */
  async start(): Promise<void> {
    await this.#service.cache.ready();
    await Promise.all(this.keys.map((key) => this.change(key)));
    this.#running = Promise.all([this.#read(), this.#change()]);
  }

  get(key: string): Promise<number> {
    return this.#service.versions.get(key);
  }

  async change(key: string): Promise<void> {
    const version = await this.#service.versions.mutate(key, () => {
      const next = (this.#source.get(key) ?? 0) + 1;
      this.#source.set(key, next);
      return next;
    });
    this.#made.set(key, version);
  }

  /** No more changes until they are resumed; what has been made has reached the server. */
  async pauseChanges(): Promise<void> {
    this.#changes = false;
    await delay(200);
  }

  resumeChanges(): void {
    this.#changes = true;
  }

  /** Those of the keys that the store gives. One that is being changed is not there. */
  async stored(): Promise<string[]> {
    await Promise.all(this.keys.map((key) => this.get(key)));
    const found = await Promise.all(this.keys.map((key) => this.#service.versions.peek(key)));
    return this.keys.filter((_, index) => found[index]!.hit);
  }

  /** Ends the reads and changes, but not the cache. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#service.cache.close();
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      await Promise.all(
        this.keys.map(async (key) => {
          const least = this.#made.get(key) ?? 0;
          const found = await this.#timed(this.get(key));
          if (found < least) this.wrong.push(`${key} was ${least}, and read as ${found}`);
        }),
      );
      await delay(5);
    }
  }

  async #change(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn += 1) {
      if (this.#changes) await this.#timed(this.change(this.keys[turn % this.keys.length]!));
      await delay(10);
    }
  }

  async #timed<T>(call: Promise<T>): Promise<T> {
    const begun = performance.now();
    const answer = await call;
    this.worst = Math.max(this.worst, performance.now() - begun);
    return answer;
  }
}
