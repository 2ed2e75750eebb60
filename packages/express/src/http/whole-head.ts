import { hitStatus } from './cache-status.ts';
import { currentAge, fieldOf, type StoredFields, type StoredResponse } from './stored-response.ts';

/**
 * The head that a stored response has in front of the app, where nothing else adds to it, as one list for `writeHead`.
 * From one hit to the next only Age and Cache-Status change in it, and those once a second.
 */
export class WholeHead {
  /** The response with all its fields, what earlier middleware had set among them. */
  readonly stored: StoredResponse;
  readonly #list: (string | string[])[] = [];
  /** What the caches nearer to the origin have said of it. */
  readonly #nearer: string;
  #name = '';
  #age = -1;
  #ttl = -1;

  constructor(stored: StoredResponse, earlier: StoredFields) {
    this.stored = { ...stored, headers: allFields(stored, earlier), removed: [] };
    const { headers } = this.stored;
    const nearer = fieldOf(headers, 'cache-status');
    this.#nearer = nearer === undefined ? '' : `${nearer}, `;
    for (const [name, value] of headers) if (name.toLowerCase() !== 'cache-status') this.#list.push(name, value);
    this.#list.push('Age', '', 'Cache-Status', '');
  }

  /** The list as it is now, for the cache of that name; it may not be used any more after the next call. */
  at(now: number, name: string): (string | string[])[] {
    const { stored } = this;
    const age = currentAge(stored, now);
    const ttl = Math.floor((stored.lifetime - age) / 1_000);
    const seconds = Math.floor(age / 1_000);
    if (seconds !== this.#age || ttl !== this.#ttl || name !== this.#name) {
      this.#age = seconds;
      this.#ttl = ttl;
      this.#name = name;
      this.#list[this.#list.length - 3] = String(seconds);
      this.#list[this.#list.length - 1] = this.#nearer + hitStatus(name, stored.lifetime - age);
    }
    return this.#list;
  }
}

/** What the handler has set goes before what was there, and what it has removed is not there. */
function allFields({ headers, removed }: StoredResponse, earlier: StoredFields): StoredFields {
  const names = new Set([...headers.map(([name]) => name.toLowerCase()), ...removed]);
  return [...earlier.filter(([name]) => !names.has(name.toLowerCase())), ...headers];
}
