import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, CacheResource, Evicts } from '../../src/index.ts';

let cache: Cache;

beforeEach(() => {
  cache = createCache();
});

@CacheResource({ name: 'rate', cache: () => cache })
class Rates {
  runs = 0;

  async of(currency: string): Promise<string> {
    return this.#load(currency);
  }

  @Cached({ key: (currency: string) => currency })
  async #load(currency: string): Promise<string> {
    this.runs += 1;
    return `${currency} ${this.runs}`;
  }

  @Evicts({ key: (currency: string) => currency })
  async change(_currency: string): Promise<void> {
    await Promise.resolve();
  }

  static async total(): Promise<number> {
    return Rates.#total();
  }

  static runs = 0;

  @Cached({ name: 'rate.total' })
  static async #total(): Promise<number> {
    Rates.runs += 1;
    return Rates.runs;
  }
}

class ClashingRates extends Rates {
  @Cached()
  async #load(): Promise<string> {
    return 'local';
  }

  async local(): Promise<string> {
    return this.#load();
  }
}

class LocalRates extends Rates {
  @Cached({ name: 'rate.local' })
  async #load(): Promise<string> {
    return 'local';
  }

  async local(): Promise<string> {
    return this.#load();
  }
}

describe('a private method', () => {
  test('is cached, and evicted by others of its class', async () => {
    const rates = new Rates();
    expect([await rates.of('EUR'), await rates.of('EUR')]).toEqual(['EUR 1', 'EUR 1']);
    await rates.change('EUR');
    expect(await rates.of('EUR')).toBe('EUR 2');
  });

  test('may be static', async () => {
    expect([await Rates.total(), await Rates.total()]).toEqual([1, 1]);
  });

  test('is not overridden by one of the same name in a class that extends this one', async () => {
    const rates = new LocalRates();
    expect([await rates.of('EUR'), await rates.of('EUR')]).toEqual(['EUR 1', 'EUR 1']);
    expect(await rates.local()).toBe('local');
  });

  test('needs a name of its own beside one of the same name in a class that it extends', async () => {
    await expect(new ClashingRates().local()).rejects.toThrow(
      /@Cached #load\(\) and @Cached #load\(\) have one name, 'rate'/,
    );
  });
});
