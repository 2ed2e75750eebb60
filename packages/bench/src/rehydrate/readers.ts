import { createCache, memoryStore } from '@cache/core';
import { Cached } from '@cache/decorators';
import { plainToInstance } from 'class-transformer';
import { copying } from '../readers/limit.ts';
import { hour, type OpenReader, room } from '../readers/reader.ts';
import { Address, DecoratedUser, type Row, toUser, User } from './models.ts';

export const byHand = 'the limit, mapped by hand';
export const plainClass = '@Cached({ type }), plain class';
const decoratedClass = '@Cached({ type }), class-transformer';
export const classTransformer = 'the limit, plainToInstance';

const newCache = () => createCache({ tiers: [memoryStore({ maxEntries: room })] });

/** Hits that give instances, of one user or of many. */
export const openers: readonly OpenReader[] = [
  copying(byHand, (rows) => (Array.isArray(rows) ? (rows as Row[]).map(toUser) : toUser(rows as Row))),
  (load) => {
    class Users {
      readonly cache = newCache();

      @Cached({ name: 'user', key: (key: string) => key, ttl: hour, type: () => [User, { address: Address }] })
      find(key: string): Promise<User> {
        return load(key) as Promise<User>;
      }
    }
    return reader(plainClass, new Users());
  },
  (load) => {
    class Users {
      readonly cache = newCache();

      @Cached({ name: 'user', key: (key: string) => key, ttl: hour, type: () => DecoratedUser })
      find(key: string): Promise<DecoratedUser> {
        return load(key) as Promise<DecoratedUser>;
      }
    }
    return reader(decoratedClass, new Users());
  },
  copying(classTransformer, (rows) => plainToInstance(DecoratedUser, rows)),
];

function reader(name: string, users: { find(key: string): Promise<User> }) {
  return {
    name,
    get: (key: string) => users.find(key),
    async read(keys: readonly string[]) {
      for (const key of keys) await users.find(key);
    },
  };
}
