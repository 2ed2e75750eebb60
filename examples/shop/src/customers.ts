import type { Cache } from '@cache/core';
import { Cached, CacheResource, Evicts, Updates } from '@cache/decorators';
import type { CustomerRow, Queries } from './queries.ts';

/** A customer with methods, which callers are given after a hit too. */
export class Customer implements CustomerRow {
  readonly id!: number;
  readonly name!: string;
  readonly email!: string;

  static of(row: CustomerRow | null): Customer | null {
    return row && Object.assign(new Customer(), row);
  }

  /** `'Ada Lovelace'` has `'AL'`. */
  initials(): string {
    return this.name
      .split(/\s+/)
      .map(([first]) => first)
      .join('');
  }
}

/** Annotated: what its methods give is cached, and what they change is seen by the next read. */
@CacheResource({ name: 'customer', ttl: '10m', negativeTtl: '10s' })
export class CustomerService {
  /** Where the decorators look for it, so that each service may have a cache of its own. */
  readonly cache: Cache;
  readonly #db: Queries;

  constructor(cache: Cache, db: Queries) {
    this.cache = cache;
    this.#db = db;
  }

  @Cached({ key: (id: number) => id, type: () => Customer })
  async find(id: number): Promise<Customer | null> {
    return Customer.of(await this.#db.customer(id));
  }

  /** Caches what it gives: the customer as changed, or that there is none. */
  @Updates({ keyBefore: (id: number) => id })
  async update(id: number, change: Omit<CustomerRow, 'id'>): Promise<Customer | null> {
    return Customer.of(await this.#db.updateCustomer(id, change));
  }

  /** Whether there was such a customer. */
  @Evicts({ key: (id: number) => id })
  async remove(id: number): Promise<boolean> {
    return this.#db.removeCustomer(id);
  }
}
