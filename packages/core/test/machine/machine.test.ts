import { describe, expect, test } from '@jest/globals';
import { cacheAside, createCache, type IsolationMode, memoryStore, writeThrough } from '@cache/core';
import fc from 'fast-check';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { SharedStoreModel } from '../../src/testing/shared-store-model.ts';
import { commands, type Model, pass, type Real } from './commands.ts';
import { maxLocalStaleness, type Options, type Tiers } from './entry.ts';
import { ResourceModel } from './model.ts';
import { type Row, Source, tagOf } from './source.ts';

/** Other ones with every run; a seed that fails is told. `SCHEDULES=20000` asks for as many. */
const runs = Number(process.env['SCHEDULES'] ?? 80);

interface SetUp extends Options {
  readonly isolation: IsolationMode;
  readonly strategy: 'cache-aside' | 'write-through';
  readonly loadMany: boolean;
  readonly seed: number;
}

const setUps: fc.Arbitrary<SetUp> = fc
  .record({
    ttl: fc.constantFrom(1_000, 3_000),
    staleWhileRevalidate: fc.constantFrom(0, 500, 2_000),
    grace: fc.constantFrom(0, 1_000, 5_000),
    negativeTtl: fc.constantFrom(undefined, 0, 500),
    errorTtl: fc.constantFrom(0, 0, 500, 2_000),
    maxIdle: fc.constantFrom(undefined, undefined, 600),
    refreshAhead: fc.boolean(),
    soft: fc.constantFrom(undefined, 200),
    hard: fc.constantFrom(500, 60_000),
    isolation: fc.constantFrom<IsolationMode>('freeze', 'clone', 'shared'),
    strategy: fc.constantFrom('cache-aside' as const, 'write-through' as const),
    loadMany: fc.boolean(),
    seed: fc.nat(),
  })
  .map((options) => (options.grace === 0 ? { ...options, soft: undefined } : options));

function start(tiers: Tiers, setUp: SetUp): { model: Model; real: Real } {
  const { isolation, strategy, loadMany, seed, soft, hard, maxIdle, ...options } = setUp;
  const [clock, modelClock, source] = [new ManualClock(), new ManualClock(), new Source()];
  const dice = seededRandom(seed);
  const shared = new SharedStoreModel(clock).store();
  const cache = createCache({
    clock,
    random: () => dice.integer(1_000) / 1_000,
    tiers: tiers.memory ? (tiers.shared ? [memoryStore(), shared] : [memoryStore()]) : [shared],
    maxLocalStaleness,
    defaults: { jitter: 0 },
  });
  const tags = (row: NonNullable<Row>): string[] => [tagOf(row)];
  const freshness = given({ ...options, timeout: given({ soft, hard }), tags });
  const load = (key: string): Promise<Row> => source.load(clock, key);
  const loads = loadMany ? { loadMany: async (keys: readonly string[]) => Promise.all(keys.map(load)) } : { load };
  const save = async (key: string, row: Row): Promise<void> => {
    if (source.fails) throw new Error('down');
    source.rows.set(key, row);
  };
  const policy = { ...freshness, ...loads, ...given({ isolation, maxIdle }) };
  const aside = strategy === 'cache-aside' ? cache.resource('user', cacheAside<string, Row>(policy)) : undefined;
  const through = aside ?? cache.resource('user', writeThrough<string, Row>({ ...policy, save }));
  const model = (of: Options, prefix = ''): ResourceModel => new ResourceModel(of, tiers, source, modelClock, prefix);
  return {
    model: { clock: modelClock, users: model(setUp), adHoc: model({ ...setUp, maxIdle: undefined }, '#') },
    real: {
      clock,
      cache,
      source,
      users: through,
      getOrSet: (key, asked) => cache.getOrSet<Row>(key, () => load(`#${key}`), { ...freshness, ...asked }),
      write: (key, row) => ('set' in through ? through.set(key, row) : through.mutate(key, () => save(key, row))),
      put: aside && ((key, row) => aside.put(key, row)),
      isolated: isolation !== 'shared',
    },
  };
}

/** Without what is not given. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

describe.each<[string, Tiers]>([
  ['memory', { memory: true, shared: false }],
  ['a shared tier', { memory: false, shared: true }],
  ['memory before a shared tier', { memory: true, shared: true }],
])('a cache over %s', (_name, tiers) => {
  test('answers as the model does, whatever is asked of it in whatever order', async () => {
    const property = fc.asyncProperty(setUps, fc.commands(commands, { size: '+1' }), async (setUp, todo) => {
      const { model, real } = start(tiers, setUp);
      // A shared tier has been heard of before: what is put without knowing of tags counts as invalid.
      await real.users.has('a');
      await fc.asyncModelRun(() => ({ model, real }), todo);
      const closing = real.cache.close();
      await real.clock.advance(10_000);
      await closing;
      expect(real.clock.timers).toBe(real.source.open);
      await expect(real.users.get('a')).rejects.toMatchObject({ code: 'CLOSED' });
      await pass(model, real, 2_000);
      expect(real.clock.timers).toBe(0);
    });
    await fc.assert(property, { numRuns: runs });
  });
});
