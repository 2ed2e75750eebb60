import { type ResourceOptions, policyRules } from '../engine/policy.ts';
import { Resource, type ResourceParts } from '../engine/resource.ts';
import { type SourceOptions, sourceOf, sourceRules } from '../engine/source-options.ts';
import type { Strategy } from '../engine/strategy.ts';
import type { Key } from '../model/key.ts';
import { func, invalid, optional, parseOptions, required } from '../model/options.ts';
import { checkDefined } from '../model/value.ts';

export interface WriteThroughOptions<K, V> extends ResourceOptions<K, V>, SourceOptions<K, V> {
  /** Saves one value to the source; the value counts as written when this has resolved. */
  save: (key: K, value: V) => Promise<unknown>;
  /** Removes one value from the source; without it the resource has no `remove`. */
  remove?: (key: K) => Promise<unknown>;
}

/**
 * Write-through: `set` resolves once the source has the value, and only then is it cached. A save that fails rejects
 * and leaves the key empty; writers of one key that overlap leave it empty too, so that the source decides.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function writeThrough<K extends Key, V>(
  options: WriteThroughOptions<K, V>,
): Strategy<WriteThroughResource<K, V>> {
  const { save, remove, ...rest } = parseOptions('writeThrough', options, {
    ...policyRules,
    ...sourceRules<K>(),
    save: required(func<(key: K, value: V) => Promise<unknown>>(), 'save: (id, cart) => db.carts.save(id, cart)'),
    remove: optional(func<(key: K) => Promise<unknown>>()),
  });
  const source = sourceOf('writeThrough', rest);
  return { open: (context) => new WriteThroughResource<K, V>(context.parts(rest, source), save, remove) };
}

export class WriteThroughResource<K extends Key, V> extends Resource<K, V> {
  readonly #save: (key: K, value: V) => Promise<unknown>;
  readonly #remove: ((key: K) => Promise<unknown>) | undefined;

  constructor(
    parts: ResourceParts<K>,
    save: (key: K, value: V) => Promise<unknown>,
    remove: ((key: K) => Promise<unknown>) | undefined,
  ) {
    super(parts);
    this.#save = save;
    this.#remove = remove;
  }

  /**
   * Saves the value, then caches it. Rejects with what `save` threw; the key is empty then.
   *
   * @throws CacheError `UNDEFINED_VALUE`, `INVALID_KEY`, `CLOSED`.
   */
  async set(key: K, value: V): Promise<void> {
    checkDefined(value, this.name, 'set');
    const own = this.engine.copyOf(value);
    await this.engine.change(
      key,
      () => this.#save(key, this.engine.copyOf(own) as V),
      () => own,
    );
  }

  /** Removes the value from the source and from every tier. Rejects with what `remove` threw. */
  async remove(key: K): Promise<void> {
    const remove = this.#remove;
    if (remove === undefined) {
      throw invalid(`resource '${this.name}'`, 'has no `remove`; give writeThrough({ remove: (id) => … })');
    }
    await this.engine.change(key, () => remove(key));
  }
}
