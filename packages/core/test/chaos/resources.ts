import { type Cache, type Ledger, writeBehind } from '@cache/core';
import type pg from 'pg';
import { type Change, load, type Value, writersTo } from './source.ts';
import type { Orders } from './orders.ts';

export interface ResourcesOptions extends Pick<Orders, 'name'>, Partial<Pick<Orders, 'folder' | 'role'>> {
  readonly pool: pg.Pool;
  readonly ledger: Ledger;
}

/** The resources of a run: values, and counters whose changes are told by name. */
export function resourcesOf(cache: Cache, { name, folder, role = 'both', pool, ledger }: ResourcesOptions) {
  const writers = writersTo(pool, Math.random);
  const nameOf = (resource: string): string => (folder === undefined ? resource : `${resource}-${name}`);
  const options = {
    ledger,
    flush: { after: 50, max: 100, inProcess: role === 'both', lease: 1_500 },
    retry: { attempts: 5, first: 20, longest: 200 },
  } as const;
  const values = cache.resource(
    nameOf('values'),
    writeBehind<string, Value | null>({
      ...options,
      load: (key) => load(pool, key),
      saveMany: writers.saveMany,
      removeMany: writers.removeMany,
    }),
  );
  const counters = cache.resource(
    nameOf('counters'),
    writeBehind<string, Change, Change>({
      ...options,
      load: () => ({ count: 0, ids: [] }),
      saveMany: () => Promise.reject(new Error('nobody sets a counter')),
      merge: {
        combine: (one, other) => ({ count: one.count + other.count, ids: [...one.ids, ...other.ids] }),
        apply: (_value, change) => change,
        saveMany: writers.addMany,
      },
    }),
  );
  return [values, counters] as const;
}
