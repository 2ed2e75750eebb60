import { type ResourceOptions, policyRules } from '../engine/policy.ts';
import { Resource } from '../engine/resource.ts';
import { type SourceOptions, sourceOf, sourceRules } from '../engine/source-options.ts';
import type { Strategy } from '../engine/strategy.ts';
import type { Key } from '../model/key.ts';
import { parseOptions } from '../model/options.ts';
import { checkDefined } from '../model/value.ts';

export interface CacheAsideOptions<K, V> extends ResourceOptions<K, V>, SourceOptions<K, V> {}

/**
 * Cache-aside, also called lazy loading or read-through: a miss loads from the source, and whoever changes the source
 * says so, by `mutate` or `evict`.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function cacheAside<K extends Key, V>(options: CacheAsideOptions<K, V>): Strategy<CacheAsideResource<K, V>> {
  const parsed = parseOptions('cacheAside', options, { ...policyRules, ...sourceRules<K>() });
  const source = sourceOf('cacheAside', parsed);
  return { open: (context) => new CacheAsideResource<K, V>(context.parts(parsed, source)) };
}

export class CacheAsideResource<K extends Key, V> extends Resource<K, V> {
  /**
   * Runs a change of the source, and deletes the cached value before and after it: once this has resolved, no reader
   * of any process is given what was before, and a process that dies half way leaves the key empty, not stale.
   * Resolves or rejects as `change` does.
   */
  mutate<R>(key: K, change: () => Promise<R> | R): Promise<R> {
    return this.engine.change(key, change);
  }

  /**
   * Caches a value that the caller knows the source to have. It is dropped if anything else writes the key meanwhile.
   *
   * @throws CacheError `UNDEFINED_VALUE`.
   */
  async put(key: K, value: V): Promise<void> {
    checkDefined(value, this.name, 'put');
    const own = this.engine.copyOf(value);
    await this.engine.change(
      key,
      () => undefined,
      () => own,
    );
  }
}
