import type { Cache } from '../../cache.ts';
import { createCache } from '../../create-cache.ts';
import type { Resource } from '../../engine/resource.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { ManualClock } from '../../model/manual-clock.ts';
import { broken, promised } from '../contract.ts';
import { SharedStoreModel, type Wire } from '../shared-store-model.ts';
import { type ContractSource, SourceModel } from './source-model.ts';
import { storesOf, type Tiers } from './tiers.ts';

/** What the resource of every strategy can do. */
export type Reads = Pick<Resource<string, unknown>, 'get' | 'getMany' | 'peek' | 'evict' | 'clear'>;

/** A strategy that is to be proven. */
export interface Subject<R extends Reads> {
  strategy(source: ContractSource): Strategy<R>;
  write(resource: R, key: string, value: unknown, source: ContractSource): Promise<unknown>;
}

/** One process: a cache of its own, with one resource. */
export interface Process {
  readonly cache: Cache;
  readonly resource: Reads;
  readonly write: (key: string, value: unknown) => Promise<unknown>;
}

/** For how many milliseconds a cache trusts its memory, unless it is told otherwise. */
export const defaultStaleness = 1_000;

/** For how many milliseconds, on the manual clock, anything may take. */
const patience = 60_000;

/** What one case is about: a process with a resource of the strategy, over a source, in a world that stands still. */
export class Scene implements Process {
  readonly clock = new ManualClock();
  readonly source = new SourceModel();
  readonly tiers: Tiers;
  readonly cache: Cache;
  readonly resource: Reads;
  /** The way to the shared store, of all processes: what it is now. */
  wire: Wire | undefined;
  readonly #begin: () => Process;
  readonly #open = new Set<Cache>();
  readonly #write: Process['write'];

  constructor(subject: Subject<Reads>, tiers: Tiers) {
    const model = new SharedStoreModel(this.clock);
    this.tiers = tiers;
    this.wire = tiers.wire;
    const wire: Wire | undefined = tiers.wire && ((step) => this.wire!(step));
    this.#begin = () => {
      const cache = createCache({
        clock: this.clock,
        tiers: storesOf(tiers, model, wire),
        defaults: { jitter: 0 },
        random: () => 0.5,
      });
      this.#open.add(cache);
      const resource = cache.resource('contract', subject.strategy(this.source));
      return { cache, resource, write: (key, value) => subject.write(resource, key, value, this.source) };
    };
    const { cache, resource, write } = this.#begin();
    this.cache = cache;
    this.resource = resource;
    this.#write = write;
  }

  /** Whether what was loaded is there for the next reader: in memory, or in a shared store that is well. */
  get keeps(): boolean {
    return this.tiers.memory || this.tiers.shared;
  }

  /** One more process over the same source and shared store. */
  another(): Process {
    return this.#begin();
  }

  async get(key: string): Promise<unknown> {
    return this.settled(this.resource.get(key));
  }

  /** Writes by the strategy's own method; it may take as long as it likes. */
  async write(key: string, value: unknown): Promise<void> {
    await this.settled(this.#write(key, value));
  }

  /** Begins to write, and does not wait. */
  writing(key: string, value: unknown): Promise<unknown> {
    const writing = this.#write(key, value);
    // Whatever comes of it is looked at later.
    writing.catch(() => undefined);
    return writing;
  }

  /** What comes of the work, while time moves on. A case that expects a rejection handles it itself. */
  async settled<T>(work: Promise<T>): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    work.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    await this.until('every call is answered', () => outcome !== undefined);
    if ('value' in outcome!) return outcome.value;
    throw broken('nothing rejects but for what the source threw', outcome);
  }

  /** Lets time move on until the condition holds. */
  async until(promise: string, holds: () => boolean): Promise<void> {
    for (let turn = 0; !holds(); turn += 1) {
      if (turn * 5 > patience) throw broken(`${promise} within ${patience / 1_000} s`, 'nothing');
      await this.clock.advance(turn < 5 ? 0 : 5);
    }
  }

  /** Closes what is open, which brings to the source what it has not got. Nothing is left to happen. */
  async close(): Promise<void> {
    for (const cache of [...this.#open]) {
      this.#open.delete(cache);
      promised('all that was accepted is in the source after close', await this.settled(cache.close()), {
        unwritten: 0,
      });
    }
    // What a frozen store was asked in the background still has its deadline.
    await this.clock.advance(1_000);
    promised('no timer is left when the cache is closed', this.clock.timers, 0);
    const refused = await this.settled(this.resource.get('a').catch((error: unknown) => error));
    promised('a closed cache rejects reads with CLOSED', (refused as { code?: unknown }).code, 'CLOSED');
  }
}

/** Cases by the sentences that they show to be true. */
export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** Plays a case in a world of its own, after which nothing goes on. */
export async function play(subject: Subject<Reads>, tiers: Tiers, run: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new Scene(subject, tiers);
  await run(scene);
  await scene.close();
}
