import {
  cacheAside,
  type CacheAsideResource,
  type Ledger,
  type LoadContext,
  memoryLedger,
  writeBehind,
} from '@cache/core';
import { type ContractCase, type ContractSource, strategyContract } from '@cache/core/testing';

type Users = Pick<
  CacheAsideResource<string, unknown>,
  'get' | 'getMany' | 'peek' | 'evict' | 'clear' | 'mutate' | 'put'
>;
type Load = ContractSource['load'];
type Save = ContractSource['save'];
type Write = (users: Users, key: string, value: unknown, source: ContractSource) => Promise<unknown>;

/** The contract of a strategy that breaks a promise, and the names of the cases that have to find it out. */
export interface Flaw {
  readonly flaw: string;
  readonly breaks: RegExp;
  readonly cases: readonly ContractCase[];
}

const mutate: Write = (users, key, value, { save }) => users.mutate(key, () => save(key, value));

/** Cache-aside whose writes are made in this way. */
function writes(flaw: string, breaks: RegExp, write: Write): Flaw {
  return { flaw, breaks, cases: strategyContract(({ load }) => cacheAside<string, unknown>({ load }), write) };
}

/** Cache-aside whose loads are made in this way. */
function loads(flaw: string, breaks: RegExp, loader: (load: Load) => Load): Flaw {
  const strategy = ({ load }: ContractSource) => cacheAside<string, unknown>({ load: loader(load) });
  return { flaw, breaks, cases: strategyContract(strategy, mutate) };
}

/** Cache-aside whose resource has these methods in place of its own. */
function methods(flaw: string, breaks: RegExp, change: (users: Users, load: Load) => Partial<Users>): Flaw {
  const contract = strategyContract<Users>(
    ({ load }) => ({
      open(context) {
        const users = cacheAside<string, unknown>({ load }).open(context);
        const own: Users = {
          get: (key) => users.get(key),
          getMany: (keys) => users.getMany(keys),
          peek: (key) => users.peek(key),
          evict: (key) => users.evict(key),
          clear: () => users.clear(),
          mutate: (key, change) => users.mutate(key, change),
          put: (key, value) => users.put(key, value),
        };
        return { ...own, ...change(own, load) };
      },
    }),
    mutate,
  );
  return { flaw, breaks, cases: contract };
}

/** Write-behind over such a ledger, or whose values are saved in this way. */
function behind(
  flaw: string,
  breaks: RegExp,
  { ledger = memoryLedger(), saver = (save) => save }: { ledger?: Ledger; saver?: (save: Save) => Save },
): Flaw {
  const contract = strategyContract(
    (source) => {
      const save = saver(source.save);
      const saveMany = (items: readonly { key: string; value: unknown }[]): Promise<unknown> =>
        Promise.all(items.map(({ key, value }) => save(key, value)));
      return writeBehind<string, unknown>({ load: source.load, saveMany, ledger });
    },
    (views, key, value) => views.set(key, value),
  );
  return { flaw, breaks, cases: contract };
}

/** A ledger that notes the first write of a key alone. */
const slowLedger: Ledger = {
  ...memoryLedger(),
  open(context) {
    const book = memoryLedger().open(context);
    const put = book.put.bind(book);
    const noted = new Map<string, ReturnType<typeof put>>();
    book.put = (write) => {
      const first = noted.get(write.key) ?? put(write);
      noted.set(write.key, first);
      return first;
    };
    return book;
  },
};

/** Loads without telling what the loader is told. */
function loadAlone(load: Load, key: unknown): Promise<unknown> {
  const silent = { setTtl: () => undefined, setTags: () => undefined, skip: () => undefined };
  return load(String(key), silent as unknown as LoadContext<string>);
}

/** What people get wrong who write a strategy. */
export const flaws: Flaw[] = [
  methods('caches nothing', /loaded once, .*memory alone/, (_users, load) => ({
    get: (key) => loadAlone(load, key),
  })),
  methods('lets every caller of many load', /share one load, over memory alone/, (users, load) => ({
    getMany: (keys) => Promise.all(keys.map((key) => loadAlone(load, key))),
    get: (key) => users.get(key),
  })),
  loads('keeps no null', /null is a value.*memory alone/, (load) => async (key, context) => {
    const value = await load(key, context);
    if (value === null) context.skip();
    return value;
  }),
  loads('takes undefined for null', /undefined says/, (load) => async (key, context) => {
    return (await load(key, context)) ?? null;
  }),
  loads(
    'gives something in place of an error',
    /an error of the loader/,
    (load) => (key, context) => load(key, context).catch(() => null),
  ),
  loads(
    'gives an error of its own',
    /an error of the loader/,
    (load) => (key, context) =>
      load(key, context).catch((cause: unknown) => Promise.reject(new Error('cannot load', { cause }))),
  ),
  methods('keeps errors', /an error of the loader/, (users) => {
    const failed = new Map<unknown, Promise<unknown>>();
    return {
      get: (key) => {
        const answer = failed.get(key) ?? users.get(key);
        answer.catch(() => failed.set(key, answer));
        return answer;
      },
    };
  }),
  methods('gives each of many once', /getMany gives values/, (users) => ({
    getMany: (keys) => users.getMany([...new Set(keys)]),
  })),
  methods('gives many in the order of their names', /getMany gives values/, (users) => ({
    getMany: (keys) => users.getMany([...keys].sort()),
  })),
  methods('loads to peek', /peek tells/, (users) => ({
    peek: async (key) => {
      await users.get(key);
      return users.peek(key);
    },
  })),
  loads(
    'keeps values for as long as it likes',
    /loaded again when its time is over/,
    (load) => (key, context) => load(key, { ...context, setTtl: () => undefined }),
  ),
  loads(
    'knows no tags',
    /before invalidateTags/,
    (load) => (key, context) => load(key, { ...context, setTags: () => undefined }),
  ),
  methods('evicts nothing', /there before evict/, () => ({ evict: async () => 'done' })),
  methods('clears nothing', /there before clear\(\) of the resource/, () => ({ clear: async () => 'done' })),
  methods('evicts all', /evict\(key\) touches no other/, (users) => ({ evict: () => users.clear() })),
  methods('tells that a deletion was made which was not', /there before evict.* that fails/, (users) => ({
    evict: (key) => users.evict(key).then(() => 'done'),
  })),
  methods('has readers join a load that was evicted', /began before evict/, (users) => {
    const flights = new Map<unknown, Promise<unknown>>();
    return {
      get: (key) => {
        const flight = flights.get(key) ?? users.get(key).finally(() => flights.delete(key));
        flights.set(key, flight);
        return flight;
      },
    };
  }),
  writes('forgets nothing when it writes', /seen by the next read, and reaches/, (_users, key, value, { save }) =>
    save(key, value),
  ),
  writes('forgets before it writes alone', /while a write is under way/, async (users, key, value, { save }) => {
    await users.evict(key);
    await save(key, value);
  }),
  writes('does not write', /reaches the source/, (users, key, value) => users.put(key, value)),
  writes('caches before it writes', /a write that fails/, async (users, key, value, { save }) => {
    await users.put(key, value);
    await save(key, value);
  }),
  writes('hides that a write failed', /a write that fails/, (users, key, value, { save }) =>
    users.mutate(key, () => save(key, value)).catch(() => undefined),
  ),
  writes(
    'tells other processes nothing',
    /every other process.* over a shared store that is well/,
    (() => {
      const seen = new WeakMap<Users, boolean>();
      return async (users, key, value, source) => {
        if (seen.has(users)) return mutate(users, key, value, source);
        return source.save(key, value);
      };
    })(),
  ),
  behind('loses what the source did not take', /a write that fails/, {
    saver: (save) => (key, value) => save(key, value).catch(() => undefined),
  }),
  behind('never writes', /reaches the source/, { saver: () => async () => undefined }),
  behind('writes what was written first', /a write is seen by the next read, and reaches the source/, {
    ledger: slowLedger,
  }),
];
