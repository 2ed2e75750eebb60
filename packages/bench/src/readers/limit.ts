import { hour, type Load, type OpenReader } from './reader.ts';

/** What somebody writes who needs nothing but this: a Map, a look at the clock, one load per key at a time. */
export const limit: OpenReader = (load) => {
  const getOrLoad = getter(load);
  return {
    name: 'the limit',
    get: getOrLoad,
    async read(keys) {
      for (const key of keys) await getOrLoad(key);
    },
  };
};

/** The same for somebody who wants values of their own. */
export function copying(name: string, copy: (value: unknown) => unknown): OpenReader {
  return (load) => {
    const getOrLoad = getter(load);
    return {
      name,
      get: async (key) => copy(await getOrLoad(key)),
      async read(keys) {
        for (const key of keys) copy(await getOrLoad(key));
      },
    };
  };
}

function getter(load: Load): (key: string) => Promise<unknown> {
  const entries = new Map<string, { value: unknown; until: number }>();
  const flights = new Map<string, Promise<unknown>>();

  async function getOrLoad(key: string): Promise<unknown> {
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > Date.now()) return entry.value;
    return flights.get(key) ?? fly(key);
  }

  async function fly(key: string): Promise<unknown> {
    const flight = load(key);
    flights.set(key, flight);
    try {
      const value = await flight;
      entries.set(key, { value, until: Date.now() + hour });
      return value;
    } finally {
      flights.delete(key);
    }
  }

  return getOrLoad;
}

/** The least an awaited hit can be: no clock, no flights, and the very promise that was kept. */
export const floor: OpenReader = (load) => {
  const promises = new Map<string, Promise<unknown>>();

  function get(key: string): Promise<unknown> {
    let promise = promises.get(key);
    if (promise === undefined) promises.set(key, (promise = load(key)));
    return promise;
  }

  return {
    name: 'a Map of promises',
    get,
    async read(keys) {
      for (const key of keys) await get(key);
    },
  };
};
