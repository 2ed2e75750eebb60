import type { DirtyItem, DirtyKey, WriteResult } from '../engine/source-writer.ts';
import { func, invalid, type OptionRule, parseOptions, required, withDefault } from '../model/options.ts';
import { type Query, quoted, type Statement } from './sql.ts';
import { resultsOf, type Told } from './told.ts';

export interface PostgresFenceOptions<V> {
  /** Sends a statement and gives its rows: `(text, values) => pool.query(text, values).then(({ rows }) => rows)`. */
  query: Query;
  /** The table, perhaps with its schema. */
  table: string;
  /** The column of the key, which has to be unique. */
  key: string;
  /** The type of the key. Default `'text'`. */
  keyType?: string;
  /** The columns that a value is kept in, with their types: `{ views: 'bigint' }`. No arrays. Others need a default. */
  columns: Readonly<Record<string, string>>;
  /** What of a value goes into each column: `(views) => ({ views })`. */
  row: (value: V) => Readonly<Record<string, unknown>>;
  /** The column of the version, a `bigint`. Default `'wb_ver'`. */
  version?: string;
  /** The column that says that the row is a tombstone, a `boolean`. Default `'wb_deleted'`. */
  deleted?: string;
}

/** Writers for `writeBehind`, behind a fence. */
export interface PostgresFence<V> {
  /** Adds what is missing to the table: the columns of the fence. */
  readonly setUp: readonly string[];
  /** Only rows that are not deleted are for readers; so that no late write brings one back, they stay for a while. */
  readonly visible: string;
  /** Drops tombstones whose removal is longer ago than any worker can have been frozen: `purge('1 day')`. */
  readonly purge: (age: string) => Statement;
  readonly saveMany: (items: readonly DirtyItem<V>[]) => Promise<WriteResult[]>;
  /** Adds what `row` makes of a change to the columns that are numbers, and puts the rest in their place. */
  readonly addMany: (items: readonly DirtyItem<V>[]) => Promise<WriteResult[]>;
  readonly removeMany: (items: readonly DirtyKey[]) => Promise<WriteResult[]>;
}

/** Types that can be added to. */
const number = /^(?:bigint|int|smallint|numeric|decimal|real|double|float)/i;

const name: OptionRule<string> = (value, where) => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(where, 'must be a name');
};
/** As it stands in statements. */
const type = /^[a-z][a-z0-9_ (),]*$/i;
const typeRule: OptionRule<string> = (value, where) => {
  if (typeof value === 'string' && type.test(value)) return value;
  throw invalid(where, "must be the name of a type, such as 'bigint'");
};
const columnsRule: OptionRule<Readonly<Record<string, string>>> = (value, where) => {
  const found = Object.entries((value ?? {}) as Record<string, unknown>);
  if (found.length > 0 && found.every(([, each]) => typeof each === 'string' && type.test(each))) {
    return value as Readonly<Record<string, string>>;
  }
  throw invalid(where, "must be columns with their types, such as { views: 'bigint' }");
};

/**
 * A fence in a version column: a row is written only under a higher version than the one it has, so that a worker that
 * froze and comes too late changes nothing, and one that repeats itself does so once, also where it adds. A removal leaves a
 * tombstone with its version. One statement per batch.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function postgresFence<V>(options: PostgresFenceOptions<V>): PostgresFence<V> {
  const { query, columns, row, keyType, ...names } = parseOptions('postgresFence', options, {
    query: required(func<Query>(), 'query: (text, values) => pool.query(text, values).then(({ rows }) => rows)'),
    table: required(name, "table: 'views'"),
    key: required(name, "key: 'page'"),
    keyType: withDefault(typeRule, 'text'),
    columns: required(columnsRule, "columns: { views: 'bigint' }"),
    row: required(func<(value: V) => Readonly<Record<string, unknown>>>(), 'row: (views) => ({ views })'),
    version: withDefault(name, 'wb_ver'),
    deleted: withDefault(name, 'wb_deleted'),
  });
  const [table, key, version, deleted] = [names.table, names.key, names.version, names.deleted].map(quoted);
  const fields = Object.keys(columns);
  const put = fields.map((field) => `${quoted(field)} = excluded.${quoted(field)}`);
  const add = fields.map((field, at) => {
    const column = quoted(field);
    if (!number.test(columns[field]!)) return put[at]!;
    return `${column} = case when t.${deleted} then 0 else coalesce(t.${column}, 0) end + excluded.${column}`;
  });

  const statement = (set: readonly string[], isDeleted: boolean): string => {
    const list = [key, version, deleted, ...(isDeleted ? [] : fields.map(quoted))].join(', ');
    const casts = isDeleted ? [] : fields.map((field, at) => `$${at + 3}::${columns[field]}[]`);
    const given = ['k', 'v', ...casts.map((_, at) => `c${at}`)];
    const values = ['k', 'v', String(isDeleted), ...casts.map((_, at) => `c${at}`)].join(', ');
    const change = [...set, `${version} = excluded.${version}`, `${deleted} = excluded.${deleted}`].join(', ');
    // In the order of the keys, or two batches could each wait for a row of the other.
    return `with given as (select * from unnest($1::${keyType}[], $2::bigint[]${casts.map((each) => `, ${each}`).join('')}) as given (${given.join(', ')})),
written as (
  insert into ${table} as t (${list}) select ${values} from given order by k
  on conflict (${key}) do update set ${change} where t.${version} < excluded.${version}
  returning ${key} as k
)
select given.k::text as key, written.k is not null as written, t.${version}::text as version
from given left join written on written.k = given.k left join ${table} as t on t.${key} = given.k`;
  };
  const look = `select ${key}::text as key, ${version}::text as version from ${table} where ${key} = any($1::${keyType}[])`;
  const texts = { save: statement(put, false), add: statement(add, false), remove: statement([], true), look };

  const write = async (text: string, items: readonly DirtyKey[], ...more: unknown[][]): Promise<WriteResult[]> => {
    const keys = items.map((item) => item.key);
    const versions = items.map((item) => String(item.version));
    const rows = (await query(text, [keys, versions, ...more])) as readonly Told[];
    return resultsOf(items, rows, (some) => query(texts.look, [some]));
  };
  const cells = (items: readonly DirtyItem<V>[]): unknown[][] => {
    const rows = items.map(({ value }) => row(value));
    return fields.map((field) => rows.map((each) => each[field] ?? null));
  };

  return {
    setUp: [
      `alter table ${table} add column if not exists ${version} bigint not null default 0`,
      `alter table ${table} add column if not exists ${deleted} boolean not null default false`,
    ],
    visible: `not ${deleted}`,
    purge: (age) => ({
      text: `delete from ${table} where ${deleted} and ${version} < (extract(epoch from now() - $1::interval) * 1e6)::bigint`,
      values: [age],
    }),
    saveMany: (items) => write(texts.save, items, ...cells(items)),
    addMany: (items) => write(texts.add, items, ...cells(items)),
    removeMany: (items) => write(texts.remove, items),
  };
}
