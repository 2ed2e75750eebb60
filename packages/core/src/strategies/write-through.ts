import { type ResourceOptions, policyRules } from '../engine/policy.ts';
import { Resource, type ResourceParts } from '../engine/resource.ts';
import { type SourceOptions, sourceOf, sourceRules } from '../engine/source-options.ts';
import type { Strategy } from '../engine/strategy.ts';
import { CacheError } from '../model/errors.ts';
import { type Key, keyText } from '../model/key.ts';
import { func, invalid, optional, parseOptions, required } from '../model/options.ts';
import { checkDefined } from '../model/value.ts';

export interface WriteThroughOptions<K, V> extends ResourceOptions<K, V>, SourceOptions<K, V> {
  /**
   * Saves one value to the source; the value counts as written when this has resolved. Where `expected` is given, only if
   * the source has that version still; else it gives `false`.
   */
  save: Save<K, V>;
  /** Saves several at once, for `setMany`: all of them, or it rejects. Default: `save` of each. */
  saveMany?: (items: readonly { readonly key: K; readonly value: V }[]) => Promise<unknown>;
  /** Removes one value from the source; without it the resource has no `remove`. */
  remove?: (key: K) => Promise<unknown>;
}

export type Save<K, V> = (key: K, value: V, context: { readonly expected: unknown }) => Promise<unknown>;

/**
 * Write-through: `set` resolves once the source has the value, and only then is it cached. A save that fails rejects
 * and leaves the key empty; writers of one key that overlap leave it empty too, so that the source decides.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function writeThrough<K extends Key, V>(
  options: WriteThroughOptions<K, V>,
): Strategy<WriteThroughResource<K, V>> {
  const { save, saveMany, remove, ...rest } = parseOptions('writeThrough', options, {
    ...policyRules,
    ...sourceRules<K>(),
    save: required(func<Save<K, V>>(), 'save: (id, cart) => db.carts.save(id, cart)'),
    saveMany: optional(func<NonNullable<WriteThroughOptions<K, V>['saveMany']>>()),
    remove: optional(func<(key: K) => Promise<unknown>>()),
  });
  const source = sourceOf('writeThrough', rest);
  return { open: (context) => new WriteThroughResource<K, V>(context.parts(rest, source), { save, saveMany, remove }) };
}

type Writers<K, V> = Pick<WriteThroughOptions<K, V>, 'save'> & {
  readonly [name in 'saveMany' | 'remove']: WriteThroughOptions<K, V>[name];
};

export class WriteThroughResource<K extends Key, V> extends Resource<K, V> {
  readonly #writers: Writers<K, V>;

  constructor(parts: ResourceParts<K>, writers: Writers<K, V>) {
    super(parts);
    this.#writers = writers;
  }

  /**
   * Saves the value, then caches it. Rejects with what `save` threw; the key is empty then.
   *
   * @throws CacheError `UNDEFINED_VALUE`, `INVALID_KEY`, `CLOSED`.
   */
  async set(key: K, value: V): Promise<void> {
    checkDefined(value, this.name, 'set');
    await this.#change(key, this.engine.copyOf(value) as V, (own) =>
      this.#writers.save(key, own, { expected: undefined }),
    );
  }

  /**
   * Saves the value if the source still has the version that is expected, as `save` knows it; the key is empty if not.
   *
   * @throws CacheError `CONFLICT`, and as `set` does.
   */
  async compareAndSet(key: K, value: V, expected: unknown): Promise<void> {
    checkDefined(value, this.name, 'compareAndSet');
    checkDefined(expected, this.name, 'compareAndSet: expected');
    await this.#change(key, this.engine.copyOf(value) as V, async (own) => {
      if ((await this.#writers.save(key, own, { expected })) !== false) return;
      const sentence = `resource '${this.name}': the source has another version than the one expected; read it anew`;
      throw new CacheError('CONFLICT', sentence, { resource: this.name, key: keyText(key) });
    });
  }

  /**
   * Saves several values, by one `saveMany` if the resource has it, then caches them; of a key that comes twice the last
   * one. Rejects as `set` does: then all of these keys are empty that are not known to be saved.
   */
  async setMany(entries: Iterable<readonly [K, V]>): Promise<void> {
    const own = new Map<string, { readonly key: K; readonly value: V }>();
    for (const [key, value] of entries) {
      checkDefined(value, this.name, 'setMany');
      this.engine.check(key);
      own.set(keyText(key), { key, value: this.engine.copyOf(value) as V });
    }
    const items = [...own.values()];
    const { save, saveMany } = this.#writers;
    const together = saveMany && gathered(items.length, () => saveMany(items.map(({ key, value }) => ({ key, value: this.engine.copyOf(value) as V })))); // prettier-ignore
    const saved = items.map(({ key, value }) =>
      this.#change(key, value, together ?? ((mine) => save(key, mine, { expected: undefined }))),
    );
    // Each has to come to its end, or a caller would find some of them still being written.
    const failed = (await Promise.allSettled(saved)).find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Removes the value from the source and from every tier. Rejects with what `remove` threw. */
  async remove(key: K): Promise<void> {
    const { remove } = this.#writers;
    if (remove === undefined) {
      throw invalid(`resource '${this.name}'`, 'has no `remove`; give writeThrough({ remove: (id) => … })');
    }
    await this.engine.change(key, () => remove(key));
  }

  async #change(key: K, own: V, save: (own: V) => Promise<unknown>): Promise<void> {
    await this.engine.change(
      key,
      () => save(this.engine.copyOf(own) as V),
      () => own,
    );
  }
}

/** Work that begins once so many have asked for it, and is theirs in common. */
function gathered<T>(count: number, work: () => Promise<T>): () => Promise<T> {
  let [asked, begin] = [0, (): void => undefined];
  const all = new Promise<void>((resolve) => (begin = resolve)).then(work);
  return () => {
    asked += 1;
    if (asked === count) begin();
    return all;
  };
}
