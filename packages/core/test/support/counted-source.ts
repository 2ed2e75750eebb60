import type { DirtyItem, DirtyKey, WriteContext } from '@cache/core';

/** A source of numbers with a fence: it refuses what is older than what it has, and tells of each call. */
export class CountedSource {
  readonly rows = new Map<string, { value: number | null; version: number }>();
  /** The keys of each call. */
  readonly calls: string[][] = [];
  /** Keys that it refuses, with an error that is about them. */
  readonly poison = new Set<string>();
  /** What every call rejects with. */
  error: Error | undefined;

  readonly load = async (key: string): Promise<number | null> => this.rows.get(key)?.value ?? null;

  readonly saveMany = (items: readonly DirtyItem<number | null>[], _context?: WriteContext): Promise<unknown> =>
    this.#write(items, (_before, value) => value);

  readonly addMany = (items: readonly DirtyItem<number>[]): Promise<unknown> =>
    this.#write(items, (before, value) => (before ?? 0) + value);

  readonly removeMany = (items: readonly DirtyKey[]): Promise<unknown> =>
    this.#write(items.map((item) => ({ ...item, value: null })), () => null); // prettier-ignore

  async #write<V>(
    items: readonly DirtyItem<V>[],
    next: (before: number | null, value: V) => number | null,
  ): Promise<('ok' | 'conflict')[]> {
    this.calls.push(items.map(({ key }) => key));
    if (this.error !== undefined) throw this.error;
    const bad = items.find(({ key }) => this.poison.has(key));
    if (bad !== undefined) throw new Error(`${bad.key} violates a constraint`);
    return items.map(({ key, value, version }) => {
      const row = this.rows.get(key) ?? { value: null, version: 0 };
      if (row.version >= version) return row.version === version ? 'ok' : 'conflict';
      this.rows.set(key, { value: next(row.value, value), version });
      return 'ok';
    });
  }
}
