// Prints the keys that classes of one name, and subclasses, have in a cache.
import { createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource } from '../../src/index.ts';

const cache = createCache();
const found: string[] = [];
cache.on('miss', ({ resource, key }) => found.push(`${resource} ${key}`));

function makeUsers() {
  @CacheResource({ name: 'user', cache: () => cache, ttl: '1h' })
  class Repository {
    runs = 0;

    @Cached({ key: (id: number) => id })
    async find(id: number): Promise<string> {
      this.runs += 1;
      return `user ${id}`;
    }

    @Cached({ name: 'user.byFilter' })
    async search(filter: { name: string; page?: number }): Promise<string> {
      return filter.name;
    }
  }
  return Repository;
}

function makeOrders() {
  @CacheResource({ name: 'order', cache: () => cache, ttl: '1h' })
  class Repository {
    @Cached({ key: (id: number) => id })
    async find(id: number): Promise<string> {
      return `order ${id}`;
    }

    @Cached({ name: 'order.count' })
    static async count(): Promise<number> {
      return 1;
    }
  }
  return Repository;
}

const [Users, Orders] = [makeUsers(), makeOrders()];

@CacheResource({ name: 'admin' })
class Admins extends Users {
  @Cached({ key: (id: number) => id })
  override async find(id: number): Promise<string> {
    return `admin ${await super.find(id)}`;
  }
}

class Nameless {
  @Cached({ cache })
  async find(): Promise<string> {
    return 'nothing';
  }
}

const [users, orders, admins] = [new Users(), new Orders(), new Admins()];
const values = [
  await users.find(1),
  await orders.find(1),
  await admins.find(1),
  await admins.find(1),
  await users.search({ page: 1, name: 'Ann' }),
  await Orders.count(),
  cacheOf(users, 'search').key({ name: 'Ann', page: 1 }),
  admins.runs,
  await new Nameless().find().catch(String),
];
console.log(JSON.stringify({ found, values }));
