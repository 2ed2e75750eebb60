import type { DirtyKey, WriteResult } from '../engine/source-writer.ts';
import { func, identifier, parseOptions, required, withDefault } from '../model/options.ts';
import { type Query, quoted } from './sql.ts';
import { resultsOf, type Told } from './told.ts';

export interface SideFenceOptions {
  /** The table of versions. Default `'wb_fence'`. */
  table?: string;
  /** Of the keys of one resource, which share the table with those of others. */
  resource: string;
}

export interface SideFence {
  /** Makes the table, unless it is there. */
  readonly setUp: readonly string[];
  /**
   * Has those items written that are newer than what the source has, and tells what came of each. `query` has to send to
   * the transaction that `write` writes in, and the caller commits it: the rows of the fence are locked until then.
   */
  readonly guard: <T extends DirtyKey>(
    query: Query,
    items: readonly T[],
    write: (fresh: readonly T[]) => Promise<unknown>,
  ) => Promise<WriteResult[]>;
}

/**
 * A fence in a table of its own, for tables that cannot have a column more, and writes of many: the version of each key is
 * kept beside what is written, in one transaction. Rows of removed keys stay: they are the tombstones.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function sideFence(options: SideFenceOptions): SideFence {
  const { table: named, resource } = parseOptions('sideFence', options, {
    table: withDefault(identifier, 'wb_fence'),
    resource: required(identifier, "resource: 'views'"),
  });
  const table = quoted(named);
  const text = `with given as (select * from unnest($2::text[], $3::bigint[]) as given (k, v)),
written as (
  insert into ${table} as t (resource, key, ver) select $1, k, v from given order by k
  on conflict (resource, key) do update set ver = excluded.ver where t.ver < excluded.ver
  returning key as k
)
select given.k as key, written.k is not null as written, t.ver::text as version
from given left join written on written.k = given.k left join ${table} as t on t.resource = $1 and t.key = given.k`;
  return {
    setUp: [
      `create table if not exists ${table} (resource text, key text, ver bigint not null, primary key (resource, key))`,
    ],
    async guard(query, items, write) {
      func()(write, 'sideFence: guard: write');
      const [keys, versions] = [items.map(({ key }) => key), items.map(({ version }) => String(version))];
      const rows = (await query(text, [resource, keys, versions])) as readonly Told[];
      const written = new Set(rows.filter((row) => row.written).map(({ key }) => key));
      const fresh = items.filter(({ key }) => written.has(key));
      if (fresh.length > 0) await write(fresh);
      const look = `select key, ver::text as version from ${table} where resource = $1 and key = any($2::text[])`;
      return resultsOf(items, rows, (some) => query(look, [resource, some]));
    },
  };
}
