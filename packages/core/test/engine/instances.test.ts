import { describe, expect, test } from '@jest/globals';
import { type Blueprint, instancesOf } from '../../src/engine/instances.ts';
import { handOut, rebuilt } from '../../src/engine/isolation.ts';
import { thrownBy } from '../support/failure.ts';

class Address {
  constructor(readonly street: string) {}
  get label(): string {
    return `to ${this.street}`;
  }
}

class User {
  friends: User[] = [];
  constructor(
    readonly id: string,
    public address: Address | null = new Address('Elm St'),
  ) {}
  get greeting(): string {
    return `I am ${this.id}`;
  }
}

/** What a caller gets after a load, and after a hit in a shared tier. */
function throughTiers(type: () => unknown, value: unknown): unknown[] {
  const instances = instancesOf('users', type);
  const { keep, adopt } = rebuilt(instances, instances.dehydrate);
  const kept = keep(value);
  return [handOut(kept), handOut(adopt(structuredClone(kept.value)))];
}

const withAddress = (): Blueprint => [User, { address: Address }];

describe('instances', () => {
  test.each<[string, unknown]>([
    ['the value', new User('1')],
    ['the items of an array', [new User('1'), new User('2')]],
    ['arrays in arrays', [[new User('1')], []]],
    ['the values of a Map', new Map([['a', new User('1')]])],
    ['the items of a Set', new Set([new User('1')])],
    ['nothing but null and the like', [null, undefined, new User('1')]],
  ])('are made of %s', (_what, value) => {
    for (const got of throughTiers(withAddress, value)) {
      expect(got).toEqual(value);
      expect(users(got).map((user) => [user.greeting, user.address?.label])).toEqual(
        users(value).map((user) => [user.greeting, 'to Elm St']),
      );
      expect(users(got)[0]).not.toBe(users(value)[0]);
    }
  });

  test('are made in the fields of what has no class itself', () => {
    const page = { items: [new User('1')], byId: new Map([['1', new User('1')]]), total: 1, at: new Date(5) };
    const type = (): Blueprint => ({ items: User, byId: [User, { address: Address }], missing: User });
    for (const got of throughTiers(type, page) as (typeof page)[]) {
      expect([got.items[0]!.greeting, got.byId.get('1')!.address!.label]).toEqual(['I am 1', 'to Elm St']);
      expect([got.total, got.at, Object.keys(got)]).toEqual([1, new Date(5), Object.keys(page)]);
      expect(got.items[0]!.address).toEqual({ street: 'Elm St' });
      expect(got.items[0]!.address).not.toBeInstanceOf(Address);
    }
  });

  test('are made of plain rows too, and a field that is null stays null', () => {
    const row = { id: '1', address: null };
    for (const got of throughTiers(withAddress, row) as User[])
      expect([got.greeting, got.address]).toEqual(['I am 1', null]);
  });

  test('have their fields as fields, whatever accessors their class has', () => {
    const rows = [
      { id: '1', greeting: 'kept' },
      { id: '2', address: { label: 'too' } },
    ];
    for (const [first, second] of throughTiers(withAddress, rows) as [User, User][]) {
      expect([first.greeting, second.greeting, second.address!.label]).toEqual(['kept', 'I am 2', 'too']);
    }
  });

  test('share nothing with what is kept, or with one another', () => {
    const instances = instancesOf('users', () => User);
    const kept = rebuilt(instances, instances.dehydrate).keep(new User('1'));
    const [first, second] = [handOut(kept), handOut(kept)] as User[];
    first!.friends.push(new User('2'));
    Object.assign(first!.address!, { street: 'changed' });
    expect([second!.friends, second!.address, handOut(kept)]).toEqual([[], { street: 'Elm St' }, second]);
  });

  test('are made of what is no tree, and of fields with the most dangerous name', () => {
    const shared = { n: 1 };
    const graph = { id: '1', left: shared, right: shared };
    for (const got of throughTiers(() => User, graph) as (User & typeof graph)[]) {
      expect([got.greeting, got.left, got.right]).toEqual(['I am 1', shared, shared]);
    }
    const polluted: unknown = JSON.parse('{ "id": "1", "__proto__": { "greeting": "no" } }');
    for (const got of throughTiers(() => User, polluted) as User[]) {
      expect(Object.getPrototypeOf(got)).toBe(User.prototype);
      expect(got.greeting).toBe('I am 1');
    }
  });

  test('are not made of what is none of their class: it stays what it is', () => {
    for (const value of [new Date(5), 7, 'text', Buffer.from('abc')]) {
      expect(throughTiers(() => User, value)).toEqual([value, value]);
    }
  });

  test('are made in its own way where one is told of their class, wherever that is in the value', () => {
    const shout = {
      toPlain: (address: unknown) => ({ s: (address as Address).street }),
      toInstance: (plain: unknown) => new Address((plain as { s: string }).s.toUpperCase()),
    };
    const conversionOf = (type: unknown) => (type === Address ? shout : undefined);
    const { dehydrate, revive } = instancesOf('users', withAddress, conversionOf);
    const plain = dehydrate([new User('1')]);
    expect(plain).toEqual([{ id: '1', address: { s: 'Elm St' }, friends: [] }]);
    const [user] = revive(plain, (value) => value, true) as [User];
    expect([user.greeting, user.address!.label]).toEqual(['I am 1', 'to ELM ST']);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a function that is no class', () => User],
    ['an array', [User]],
    ['a pair of two classes', [User, Address]],
    ['an instance', new Address('Elm St')],
    ['a field that has no class', { items: 'User' }],
  ])('are refused by a type that gives %s, with what to write', (_what, type) => {
    const error = thrownBy(() => instancesOf('users', () => type).dehydrate({}));
    expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining('write type: () => User')]);
  });
});

function users(value: unknown): User[] {
  if (value instanceof User) return [value];
  if (value instanceof Map) return users([...value.values()]);
  return value instanceof Set || Array.isArray(value) ? [...(value as Iterable<unknown>)].flatMap(users) : [];
}
