import { type DirtyItem, type DirtyKey, postgresFence, type Query, sideFence, type WriteResult } from '@cache/core';
import type pg from 'pg';
import { inTransaction, queryOf } from '../support/database.ts';
import type { SourceState } from './checker.ts';

/** A value says which write it is of. */
export interface Value {
  readonly id: string;
  readonly seq: number;
  /** Of one that is counted up: its own name, one for each time that it is tried, and how many there were before it. */
  readonly link?: string;
  readonly count?: number;
}

/** Merges are counted, and told by name. */
export interface Change {
  readonly count: number;
  readonly ids: readonly string[];
}

const counters = sideFence({ resource: 'counters' });

/** The values of the run in Postgres, with a log of all that was ever committed. */
function valuesIn(query: Query) {
  return postgresFence<Value>({
    query,
    table: 'chaos_values',
    key: 'key',
    columns: { value: 'jsonb' },
    row: (value) => ({ value: JSON.stringify(value) }),
  });
}

const schema = `
create table chaos_values (key text primary key, value jsonb);
create table chaos_counters (key text primary key, count bigint not null);
create table chaos_merged (key text, id text);
create table chaos_log (at bigserial, key text, version bigint);
create function chaos_note() returns trigger language plpgsql as
$$ begin insert into chaos_log (key, version) values (new.key, new.wb_ver); return new; end $$;
create function chaos_refuse() returns trigger language plpgsql as
$$ begin if new.key like 'poison%' then raise check_violation using message = new.key || ' is poison'; end if; return new; end $$;`;

export async function setUp(pool: pg.Pool): Promise<void> {
  await pool.query(schema);
  for (const text of [...valuesIn(queryOf(pool)).setUp, ...counters.setUp]) await pool.query(text);
  await pool.query(
    'create trigger noted after insert or update on chaos_values for each row execute function chaos_note()',
  );
  await pool.query('create trigger refused before insert or update on chaos_values for each row execute function chaos_refuse()'); // prettier-ignore
}

/** Writers that fail now and then, before or after the commit, as if the connection had broken. */
export function writersTo(pool: pg.Pool, random: () => number, failures = 0.05) {
  const fence = valuesIn(queryOf(pool));
  const shaken = async <T>(work: () => Promise<T>): Promise<T> => {
    const broken = (): Error => Object.assign(new Error('connection broken'), { code: 'ECONNRESET' });
    if (random() < failures) throw broken();
    const result = await work();
    if (random() < failures) throw broken();
    return result;
  };
  const add = (items: readonly DirtyItem<Change>[]): Promise<WriteResult[]> =>
    inTransaction(pool, (query) =>
      counters.guard(query, items, async (fresh) => {
        for (const { key, value } of [...fresh].sort((a, b) => (a.key < b.key ? -1 : 1))) {
          const sum = 'insert into chaos_counters values ($1, $2) on conflict (key) do update set count = chaos_counters.count + $2'; // prettier-ignore
          await query(sum, [key, value.count]);
          await query('insert into chaos_merged select $1, unnest($2::text[])', [key, value.ids]);
        }
      }),
    );
  return {
    saveMany: (items: readonly DirtyItem<Value | null>[]) =>
      shaken(() => fence.saveMany(items as readonly DirtyItem<Value>[])),
    removeMany: (items: readonly DirtyKey[]) => shaken(() => fence.removeMany(items)),
    addMany: (items: readonly DirtyItem<Change>[]) => shaken(() => add(items)),
  };
}

export async function load(pool: pg.Pool, key: string): Promise<Value | null> {
  const text = 'select value from chaos_values where key = $1 and not wb_deleted';
  return ((await pool.query(text, [key])).rows as { value: Value }[])[0]?.value ?? null;
}

export async function stateOf(pool: pg.Pool): Promise<SourceState> {
  const rows = async <T>(text: string): Promise<T[]> => (await pool.query(text)).rows as T[];
  const values = await rows<Record<'key' | 'version', string> & Record<'id' | 'link' | 'count', string | null>>(
    `select key, wb_ver as version, case when wb_deleted then null else value ->> 'id' end as id,
     value ->> 'link' as link, value ->> 'count' as count from chaos_values`,
  );
  const log = await rows<{ key: string; version: string }>('select key, version from chaos_log order by at');
  const merged = await rows<{ id: string }>('select id from chaos_merged');
  const [sum] = await rows<{ total: string | null }>('select sum(count) as total from chaos_counters');
  return {
    rows: new Map(
      values.map(({ key, version, id, link, count }) => {
        return [key, { version: Number(version), id: id ?? undefined, link: link ?? undefined, count: Number(count) }];
      }),
    ),
    log: log.map(({ key, version }) => ({ key, version: Number(version) })),
    merged: merged.map(({ id }) => id),
    total: Number(sum?.total ?? 0),
  };
}
