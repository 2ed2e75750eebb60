import type { Cache, CounterSpace, RecordSpace } from '@cache/core';
import { createCache } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { MemoryCounters } from '../../src/stores/memory/memory-counters.ts';
import { MemoryRecords } from '../../src/stores/memory/memory-records.ts';

export const clock = new ManualClock();

interface Spaces {
  records?: (name: string) => RecordSpace;
  counters?: (name: string) => CounterSpace;
}

/** A cache over a shared store with those records and counters. */
function over(spaces: Spaces): Cache {
  const store = new SharedStoreModel(clock).store();
  return createCache({ clock, tiers: [{ ...store, open: (context) => ({ ...store.open(context), ...spaces }) }] });
}

/** Memory that is otherwise well, by name. */
function memory<T extends object>(make: () => T, flawed: (well: T) => Partial<T>): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const well = make();
    const space = made.get(name) ?? ({ ...bound(well), ...flawed(well) } as T);
    made.set(name, space);
    return space;
  };
}

/** Its methods, which know whose they are. */
function bound<T extends object>(well: T): Partial<T> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(well)).filter((name) => name !== 'constructor');
  return Object.fromEntries(
    names.map((name) => [name, (well[name as keyof T] as () => unknown).bind(well)]),
  ) as Partial<T>;
}

interface Flaw {
  readonly flaw: string;
  readonly make: () => Cache;
}

const records = (flaw: string, flawed: (well: MemoryRecords) => Partial<MemoryRecords>): Flaw => ({
  flaw,
  make: () => over({ records: memory(() => new MemoryRecords(clock), flawed) }),
});
const counters = (flaw: string, flawed: (well: MemoryCounters) => Partial<MemoryCounters>): Flaw => ({
  flaw,
  make: () => over({ counters: memory(() => new MemoryCounters(clock), flawed) }),
});

/** The same without a flaw. */
export const well = {
  records: records('none', () => ({})).make,
  counters: counters('none', () => ({})).make,
};

export const flawedRecords: Flaw[] = [
  records('brings back what is touched', (well) => ({
    touch: async (at, ttl) => well.set(at, (await well.get(at)) ?? Buffer.from(''), ttl, false),
  })),
  records('brings back what is changed', (well) => ({ set: (at, record, ttl) => well.set(at, record, ttl, false) })),
  records('looks first and touches then', (well) => ({
    async touch(at, ttl) {
      const record = await well.get(at);
      await Promise.resolve();
      return record !== undefined && well.set(at, record, ttl, false);
    },
  })),
  records('does not delete', () => ({ delete: async () => undefined })),
  records('keeps text only', (well) => ({
    set: (at, record, ...rest) => well.set(at, Buffer.from(Buffer.from(record).toString()), ...rest),
  })),
  records('keeps what it was given', (well) => {
    const given = new Map<string, Uint8Array>();
    return {
      async set(at, record, ttl, cond) {
        const isSet = await well.set(at, record, ttl, cond);
        if (isSet) given.set(at, record);
        return isSet;
      },
      get: async (at) => (await well.get(at)) && Uint8Array.from(given.get(at)!),
    };
  }),
  records('gives what it keeps', (well) => {
    const kept = new Map<string, Uint8Array>();
    return {
      set(at, ...rest) {
        kept.delete(at);
        return well.set(at, ...rest);
      },
      async get(at) {
        const record = await well.get(at);
        if (record !== undefined && !kept.has(at)) kept.set(at, record);
        return record && kept.get(at);
      },
    };
  }),
  records('never forgets', (well) => ({ set: (at, record, ttl, cond) => well.set(at, record, ttl * 1_000, cond) })),
  records('does not touch', (well) => ({ touch: async (at) => (await well.get(at)) !== undefined })),
  records('lists nothing', () => ({ async *scan() {} })),
];

export const flawedCounters: Flaw[] = [
  counters('looks first and counts then', (well) => ({
    async hit(group, quotas) {
      const usages = await Promise.all(quotas.map((quota) => well.look(group, quota)));
      const allowed = usages.every(({ hits }, i) => hits < quotas[i]!.limit);
      const counted = await well.hit(group, quotas);
      return { ...counted, allowed };
    },
  })),
  counters('counts on some of several quotas', (well) => ({
    async hit(group, quotas) {
      const verdicts = await Promise.all(quotas.map((quota) => well.hit(group, [quota])));
      return { allowed: verdicts.every(({ allowed }) => allowed), usages: verdicts.flatMap(({ usages }) => usages) };
    },
  })),
  counters('counts what is refused', (well) => ({
    hit: (group, quotas) =>
      well.hit(
        group,
        quotas.map((quota) => ({ ...quota, countRefused: true })),
      ),
  })),
  counters('slides nothing', (well) => ({
    hit: (group, quotas) =>
      well.hit(
        group,
        quotas.map((quota) => ({ ...quota, algorithm: 'fixed' })),
      ),
  })),
  counters('never resets', () => ({ reset: async () => undefined })),
  counters('clears nothing', () => ({ async *clear() {} })),
  counters('gives nothing back', () => ({ giveBack: async () => undefined })),
  counters('has one group', (well) => ({ hit: (_group, quotas) => well.hit('g', quotas) })),
  counters('says that all is over now', (well) => ({
    async hit(group, quotas) {
      const { allowed, usages } = await well.hit(group, quotas);
      return { allowed, usages: usages.map(({ hits }) => ({ hits, resetIn: 0 })) };
    },
  })),
];
