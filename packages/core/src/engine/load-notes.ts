import { type Duration, parseDuration } from '../model/duration.ts';
import { CacheError } from '../model/errors.ts';
import { duration, optional, parseOptions } from '../model/options.ts';
import { checkTags } from './policy.ts';
import type { LoadContext, StaleTimes, StaleValue } from './source.ts';
import { userTag } from './tag-clocks.ts';

/** What a loader was told, and what it said of the value that it brings. */
export class LoadNotes<K> implements LoadContext<K> {
  readonly key: K;
  readonly stale: StaleValue | undefined;
  ttl: number | undefined;
  staleWhileRevalidate: number | undefined;
  grace: number | undefined;
  tags: readonly string[] | undefined;
  skipped = false;
  unmodified = false;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(key: K, stale?: StaleValue) {
    this.key = key;
    this.stale = stale;
  }

  /** Made when it is first looked at: most loaders never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }

  throwIfAborted(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason;
  }

  // Fields and not methods, since loaders take them out: `load: (id, { setTtl }) => …`.
  readonly setTtl = (ttl: Duration, after?: StaleTimes): void => {
    this.ttl = parseDuration(ttl, 'load: setTtl');
    if (after !== undefined) Object.assign(this, parseOptions('load: setTtl', after, staleRules));
  };

  readonly setTags = (...tags: string[]): void => {
    this.tags = checkTags(tags, 'load: setTags', 'arguments').map(userTag);
  };

  readonly skip = (): void => {
    this.skipped = true;
  };

  readonly notModified = (): never => {
    if (this.stale === undefined) {
      const sentence =
        'load: notModified() without a stale value; ask for it only where `stale` is there, and give `grace`, so that there is one';
      throw new CacheError('INVALID_LOAD', sentence);
    }
    this.unmodified = true;
    return undefined as never;
  };
}

const staleRules = { staleWhileRevalidate: optional(duration), grace: optional(duration) };
