import 'reflect-metadata';
import { Type } from 'class-transformer';

export class Address {
  constructor(
    public street = '',
    public city = '',
    public zip = '',
  ) {}

  get label(): string {
    return `${this.street}, ${this.zip} ${this.city}`;
  }
}

/** As people write them who know nothing of class-transformer. */
export class User {
  id = '';
  name = '';
  email = '';
  age = 0;
  active = false;
  score = 0;
  createdAt = new Date(0);
  address = new Address();

  get greeting(): string {
    return `I am ${this.name}`;
  }
}

/** The same with its decorators. */
export class DecoratedUser extends User {}
Type(() => Address)(DecoratedUser.prototype, 'address');
Type(() => Date)(DecoratedUser.prototype, 'createdAt');

/** A row as a database gives it. */
export function row(id: number) {
  return {
    id: String(id),
    name: `user ${id}`,
    email: `user${id}@example.com`,
    age: 20 + (id % 50),
    active: id % 7 !== 0,
    score: id / 3,
    createdAt: new Date(1_700_000_000_000 + id),
    address: { street: `Elm Street ${id}`, city: 'Vienna', zip: String(1_000 + (id % 90)) },
  };
}

export type Row = ReturnType<typeof row>;

/** The mapper that people write by hand. */
export function toUser(from: Row): User {
  const user = new User();
  user.id = from.id;
  user.name = from.name;
  user.email = from.email;
  user.age = from.age;
  user.active = from.active;
  user.score = from.score;
  user.createdAt = new Date(from.createdAt);
  user.address = new Address(from.address.street, from.address.city, from.address.zip);
  return user;
}
