import type { Cart, CustomerRow, Product } from './queries.ts';

/** A request that is answered by its status, with the message as the reason. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: 400 | 401 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** A whole number that a path or a query string has as text. */
export function wholeNumber(text: unknown, name: string, most = 2 ** 31 - 1): number {
  const number = typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Refused(400, `${name} must be a whole number from 1 to ${most}`);
}

/** A short name that is safe as a part of keys. */
export function slug(text: unknown, name: string): string {
  if (typeof text === 'string' && /^[\w-]{1,64}$/.test(text)) return text;
  throw new Refused(400, `${name} must have 1 to 64 letters, digits, - or _`);
}

/** `{ "name": "Teapot", "cents": 1999 }` */
export function productBody(body: unknown): Pick<Product, 'name' | 'cents'> {
  const { name, cents } = fields(body);
  if (typeof name !== 'string' || name.length < 1 || name.length > 200) {
    throw new Refused(400, 'name must be a text of 1 to 200 characters');
  }
  if (!isCount(cents, 0, 100_000_000)) throw new Refused(400, 'cents must be a whole number from 0 to 100000000');
  return { name, cents };
}

/** `{ "name": "Ada Lovelace", "email": "ada@example.com" }` */
export function customerBody(body: unknown): Omit<CustomerRow, 'id'> {
  const { name, email } = fields(body);
  if (typeof name !== 'string' || name.trim() === '' || name.length > 200) {
    throw new Refused(400, 'name must be a text of 1 to 200 characters');
  }
  if (typeof email !== 'string' || email.length > 200 || !/^\S+@\S+$/.test(email)) {
    throw new Refused(400, 'email must be an address of at most 200 characters');
  }
  return { name, email };
}

/** `{ "customer": 7 }` */
export function signInBody(body: unknown): { customer: number } {
  const { customer } = fields(body);
  if (isCount(customer, 1, 2 ** 31 - 1)) return { customer };
  throw new Refused(400, 'customer must be the id of one');
}

/** `{ "items": [{ "productId": 7, "quantity": 2 }] }` */
export function cartBody(body: unknown): Cart {
  const { items } = fields(body);
  if (!Array.isArray(items) || items.length > 100) {
    throw new Refused(400, 'items must be an array of at most 100 products');
  }
  return { items: items.map(orderBody) };
}

/** `{ "productId": 7, "quantity": 2 }` */
export function orderBody(body: unknown): Cart['items'][number] {
  const { productId, quantity } = fields(body);
  if (isCount(productId, 1, 2 ** 31 - 1) && isCount(quantity, 1, 1_000)) return { productId, quantity };
  throw new Refused(400, 'an item needs a productId from 1, and a quantity from 1 to 1000');
}

function fields(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null) return { ...body };
  throw new Refused(400, 'send a JSON object, with Content-Type: application/json');
}

function isCount(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
