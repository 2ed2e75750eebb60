import type { Cache, CacheError, Eviction, GetOrSetOptions, ReadOptions, Resource } from '@cache/core';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { ManualClock } from '../../src/model/manual-clock.ts';
import type { ResourceModel } from './model.ts';
import type { Row, Source } from './source.ts';

/** What is to be seen. */
export interface Model {
  readonly clock: ManualClock;
  readonly users: ResourceModel;
  readonly adHoc: ResourceModel;
}

/** What is seen. */
export interface Real {
  readonly clock: ManualClock;
  readonly cache: Cache;
  readonly source: Source;
  readonly users: Resource<string, Row>;
  getOrSet(key: string, options?: GetOrSetOptions<Row>): Promise<Row>;
  /** Changes the source through the cache. */
  write(key: string, row: Row): Promise<unknown>;
  /** Where a strategy has it. */
  put: ((key: string, row: Row) => Promise<unknown>) | undefined;
  /** Whether callers may change what they are given. */
  readonly isolated: boolean;
}

type Ask = Pick<ReadOptions, 'fresh'> & { readonly ttl?: number };
type Command = fc.AsyncCommand<Model, Real>;

const step = 50;

export async function pass(model: Model, real: Real, ms: number): Promise<void> {
  await real.clock.advance(ms);
  await model.clock.advance(ms);
}

/** What came of a promise; `undefined` while it is open. */
function outcomeOf(promise: Promise<unknown>, isolated: boolean): () => unknown {
  let outcome: unknown;
  promise.then(
    (value) => {
      outcome = { value: structuredClone(value) };
      if (isolated) scribbleOn(value);
    },
    (error: unknown) => (outcome = { error: (error as CacheError).code ?? (error as Error).message }),
  );
  return () => outcome;
}

/** Does to a value what careless callers do. */
function scribbleOn(value: unknown): void {
  for (const row of [value].flat()) {
    if (typeof row === 'object' && row !== null && !Object.isFrozen(row)) Object.assign(row, { version: -1 });
  }
}

/** Asks both, and moves time on until they have answered: at the same instant, the same. */
async function same(model: Model, real: Real, came: Came, due: Due): Promise<void> {
  const answer = outcomeOf(came(real), real.isolated);
  // The cache goes first: where dice decide, the model looks at what they said.
  await real.clock.advance(0);
  const expected = outcomeOf((async () => due(model, real))(), false);
  await pass(model, real, 0);
  while (expected() === undefined) {
    expect(answer()).toBeUndefined();
    await pass(model, real, step);
  }
  expect(answer()).toEqual(expected());
}

type Came = (real: Real) => Promise<unknown>;
type Due = (model: Model, real: Real) => unknown;

function both(name: string, came: Came, due: Due, check?: (model: Readonly<Model>) => boolean): Command {
  return command(name, (model, real) => same(model, real, came, due), check);
}

function command(
  name: string,
  run: (model: Model, real: Real) => Promise<unknown>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return {
    check,
    toString: () => name,
    async run(model, real) {
      await run(model, real);
      const asked = [model.users, model.adHoc].flatMap((each) =>
        [...each.asked].map(([key, times]) => [each.prefix + key, times] as const),
      );
      expect(Object.fromEntries(real.source.asked)).toEqual(Object.fromEntries(asked));
    },
  };
}

const keys = fc.constantFrom('a', 'b');
const ttls = fc.constantFrom(undefined, 500, 2_000);
let versions = 0;
const rows = fc.constantFrom('new', 'new', 'new', null).map((kind) => (kind === null ? null : { version: versions++ }));

const asks = fc
  .record({ fresh: fc.constantFrom(false, false, true), ttl: ttls })
  .map(({ fresh, ttl }): Ask => ({ ...(fresh ? { fresh } : {}), ...(ttl === undefined ? {} : { ttl }) }));
const askModel = (model: ResourceModel, key: string, { fresh, ttl }: Ask): Promise<Row> =>
  fresh ? model.fresh(key, ttl) : model.get(key, ttl);

const reads: fc.Arbitrary<Command>[] = [
  keys.map((key) =>
    both(
      `get ${key}`,
      ({ users }) => users.get(key),
      ({ users }) => users.get(key),
    ),
  ),
  fc.tuple(keys, asks).map(([key, ask]) =>
    both(
      `get ${key} ${JSON.stringify(ask)}`,
      ({ users }) => users.get(key, ask),
      ({ users }) => askModel(users, key, ask),
    ),
  ),
  fc.tuple(keys, asks).map(([key, ask]) =>
    both(
      `getOrSet ${key} ${JSON.stringify(ask)}`,
      ({ getOrSet }) => getOrSet(key, ask),
      ({ adHoc }) => askModel(adHoc, key, ask),
    ),
  ),
  // Whoever leaves does not end the load, which goes on while other things happen.
  fc.tuple(keys, asks).map(([key, ask]) =>
    command(
      `get ${key} ${JSON.stringify(ask)} and leave`,
      async (model, real) => {
        const leaving = new AbortController();
        const left = real.users.get(key, { ...ask, signal: leaving.signal }).catch(() => undefined);
        await real.clock.advance(0);
        askModel(model.users, key, ask).catch(() => undefined);
        await pass(model, real, 0);
        leaving.abort();
        await left;
      },
      ({ users }) => !users.isLoading(key),
    ),
  ),
  fc.array(keys, { maxLength: 4 }).map((many) =>
    both(
      `getMany ${many.join()}`,
      ({ users }) => users.getMany(many),
      ({ users }) => {
        const answers = new Map([...new Set(many)].map((key) => [key, users.get(key)]));
        return Promise.all(many.map((key) => answers.get(key)!));
      },
    ),
  ),
  fc.uniqueArray(keys).map((many) =>
    both(
      `warm ${many.join()}`,
      ({ users }) => users.warm(many),
      async ({ users }) => {
        await Promise.allSettled(many.map((key) => users.get(key)));
        return many.filter((key) => 'value' in users.peek(key)).length;
      },
      // A renewal that lands at the very instant of the count may come before it or after.
      ({ users }) =>
        !users.options.refreshAhead && many.every((key) => users.has(key) || !('value' in users.peek(key))),
    ),
  ),
  keys.map((key) =>
    both(
      `refresh ${key}`,
      ({ users }) => users.refresh(key),
      ({ users }) => users.fresh(key),
    ),
  ),
];

const looks: fc.Arbitrary<Command>[] = [
  keys.map((key) =>
    both(
      `peek ${key}`,
      ({ users }) => users.peek(key),
      ({ users }) => users.peek(key),
    ),
  ),
  keys.map((key) =>
    both(
      `has ${key}`,
      ({ users }) => users.has(key),
      ({ users }) => users.has(key),
    ),
  ),
  keys.map((key) =>
    both(
      `peekLocal ${key}`,
      async ({ users }) => users.peekLocal(key),
      ({ users }) => users.peekLocal(key),
    ),
  ),
];

const evicted = (): Eviction => 'done';
const changes: fc.Arbitrary<Command>[] = [
  fc.tuple(keys, rows).map(([key, row]) =>
    both(
      `write ${key} ${JSON.stringify(row)}`,
      ({ write }) => write(key, row),
      ({ users }, { put, source }) => {
        users.evict(key);
        if (source.fails) throw new Error('down');
        if (put === undefined) users.put(key, row);
      },
    ),
  ),
  fc.tuple(keys, rows).map(([key, row]) =>
    both(
      `put ${key} ${JSON.stringify(row)}`,
      async ({ put }) => put?.(key, row),
      ({ users }, { put }) => (put === undefined ? undefined : users.put(key, row)),
    ),
  ),
  keys.map((key) =>
    both(
      `evict ${key}`,
      ({ users }) => users.evict(key),
      ({ users }) => (users.evict(key), evicted()),
    ),
  ),
  keys.map((key) =>
    both(
      `evict ad hoc ${key}`,
      ({ cache }) => cache.evict(key),
      ({ adHoc }) => (adHoc.evict(key), evicted()),
    ),
  ),
  keys.map((key) =>
    both(
      `expire ${key}`,
      ({ users }) => users.expire(key),
      ({ users }) => (users.expire(key), evicted()),
    ),
  ),
  fc.tuple(keys, ttls).map(([key, ttl]) =>
    both(
      `touch ${key} ${ttl}`,
      ({ users }) => users.touch(key, ttl === undefined ? {} : { ttl }),
      ({ users }) => users.touch(key, ttl),
    ),
  ),
  fc.constantFrom('even', 'odd').map((tag) =>
    both(
      `invalidate ${tag}`,
      ({ cache }) => cache.invalidateTags(tag),
      ({ users, adHoc }) => (users.invalidate(tag), adHoc.invalidate(tag), evicted()),
    ),
  ),
  fc.boolean().map((all) =>
    both(
      all ? 'clear all' : 'clear',
      ({ cache, users }) => (all ? cache.clear() : users.clear()),
      ({ users, adHoc }) => {
        users.invalidate();
        if (all) adHoc.invalidate();
        return evicted();
      },
    ),
  ),
];

const happenings: fc.Arbitrary<Command>[] = [
  fc
    .constantFrom(1, 50, 200, 499, 500, 999, 1_000, 2_000)
    .map((ms) => command(`${ms} ms pass`, (model, real) => pass(model, real, ms))),
  fc.tuple(keys, fc.oneof(rows, fc.constant(undefined))).map(([key, row]) =>
    command(`the source has ${key} ${JSON.stringify(row)}`, async (_model, { source }) => {
      source.rows.set(key, row).set(`#${key}`, row);
    }),
  ),
  fc.tuple(fc.boolean(), fc.constantFrom(0, 150, 300, 700, 1_200)).map(([fails, latency]) =>
    command(`the source ${fails ? 'fails' : 'answers'} after ${latency} ms`, async (_model, { source }) => {
      Object.assign(source, { fails, latency });
    }),
  ),
  fc.boolean().map((enabled) =>
    command(enabled ? 'enable' : 'disable', async ({ users, adHoc }, { cache }) => {
      for (const model of [users, adHoc]) model.switchTo(enabled);
      if (enabled) cache.enable();
      else cache.disable();
    }),
  ),
];

/** Time passes and the source changes more often than the rest: most windows open and close by both. */
export const commands = [...reads, ...looks, ...changes, ...happenings, ...happenings.slice(0, 3), happenings[2]!];
