import type { LocalEntry, LocalSegment, LocalStore, StoreContext } from '@cache/core';

/** A store without bounds that does as little as it may. */
export class PlainSegment implements LocalSegment {
  readonly entries: Map<string, LocalEntry>;
  tooLarge = 0;
  capacity = 0;

  constructor(entries = new Map<string, LocalEntry>()) {
    this.entries = entries;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string): LocalEntry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: LocalEntry): boolean {
    this.delete(key);
    if (entry.value === 'too large') this.tooLarge += 1;
    else this.entries.set(key, entry);
    return entry.value !== 'too large';
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  figures(): ReturnType<LocalSegment['figures']> {
    const { size, capacity, tooLarge } = this;
    return { entries: size, bytes: size * 100, evictions: { capacity, expired: 0, tooLarge } };
  }
}

type Make = (context: StoreContext) => PlainSegment;

/** A store of such segments. */
export function storeOf(
  make: Make,
  close = (segments: PlainSegment[]) => segments.forEach(({ entries }) => entries.clear()),
) {
  return (): LocalStore => ({
    name: 'flawed',
    scope: 'process',
    open: (context) => {
      const segments: PlainSegment[] = [];
      const segment = (): PlainSegment => {
        segments.push(make(context));
        return segments.at(-1)!;
      };
      return { segment, close: () => close(segments) };
    },
  });
}

/** A store that keeps every promise. */
export const flawless = storeOf(() => new PlainSegment());
