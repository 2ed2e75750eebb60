import { createCache, memoryStore } from '@cache/core';
import { Cached, type CachedOptions, CacheResource } from '@cache/decorators';
import { hour, type Load, type OpenReader, room } from './reader.ts';

const newCache = () => createCache({ tiers: [memoryStore({ maxEntries: room })] });

/** A service that has its cache as a field. */
function service(name: string, options: CachedOptions<[string], unknown, never, never>): OpenReader {
  return (load) => {
    class Products {
      readonly cache = newCache();

      @Cached({ name: 'product', ttl: hour, ...options })
      find(key: string): Promise<unknown> {
        return load(key);
      }
    }
    return reader(name, new Products());
  };
}

export const byKey = service('@Cached({ key })', { key: (key) => key });
export const byAllArguments = service('@Cached(), by all arguments', {});

export const inClass: OpenReader = (load: Load) => {
  const cache = newCache();

  @CacheResource({ name: 'product', cache: () => cache, ttl: hour })
  class Products {
    @Cached({ key: (key: string) => key })
    find(key: string): Promise<unknown> {
      return load(key);
    }
  }
  return reader('@Cached({ key }), cache of @CacheResource', new Products());
};

function reader(name: string, products: { find(key: string): Promise<unknown> }) {
  return {
    name,
    get: (key: string) => products.find(key),
    async read(keys: readonly string[]) {
      for (const key of keys) await products.find(key);
    },
  };
}
