import type { IncomingMessage, ServerResponse } from 'node:http';
import { hitStatus } from './cache-status.ts';
import { currentAge, fieldOf, type StoredFields, type StoredResponse } from './stored-response.ts';

/** Whether the answer to a request may be something else than the whole of what is stored: a part, or a 304. */
export function isSelective({ headers }: IncomingMessage): boolean {
  return (
    headers.range !== undefined || headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined
  );
}

/**
 * The head of a stored response as hits are given it. From one to the next only Age and Cache-Status change in it, and
 * those once a second.
 */
export class HitHead {
  readonly stored: StoredResponse;
  readonly #list: (string | string[])[] = [];
  /** What the caches nearer to the origin have said of it. */
  readonly #nearer: string;
  #name = '';
  #age = -1;
  #ttl = -1;

  constructor(stored: StoredResponse) {
    this.stored = stored;
    const nearer = fieldOf(stored.headers, 'cache-status');
    this.#nearer = nearer === undefined ? '' : `${nearer}, `;
    for (const [name, value] of stored.headers) if (name.toLowerCase() !== 'cache-status') this.#list.push(name, value);
    this.#list.push('Age', '', 'Cache-Status', '');
  }

  /** Names and values in turn, for the cache of that name. The list may not be used any more after the next call. */
  at(now: number, name: string): readonly (string | string[])[] {
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

  /** Gives a response, which may have fields already, the stored status and fields. */
  restore(response: ServerResponse, now: number, name: string): void {
    const { removed } = this.stored;
    // By index: this is the hot path.
    for (let at = 0; at < removed.length; at += 1) response.removeHeader(removed[at]!);
    const list = this.at(now, name);
    const earlier = this.#nearer === '' ? response.getHeader('cache-status') : undefined;
    for (let at = 0; at < list.length; at += 2) response.setHeader(list[at] as string, list[at + 1]!);
    if (earlier !== undefined) response.setHeader('Cache-Status', [earlier, list.at(-1)!].flat().join(', '));
  }
}

/** A stored response with what earlier middleware had set on it, to be given where that has not run. */
export function withEarlier(stored: StoredResponse, earlier: StoredFields): StoredResponse {
  // What the handler has set goes before what was there, and what it has removed is not there.
  const names = new Set([...stored.headers.map(([name]) => name.toLowerCase()), ...stored.removed]);
  const kept = earlier.filter(([name]) => !names.has(name.toLowerCase()));
  return { ...stored, headers: [...kept, ...stored.headers], removed: [] };
}
