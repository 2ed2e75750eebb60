import type { LocalEntry, LocalStore } from '@cache/core';
import { PlainSegment, storeOf } from './plain-local-store.ts';

/** A local store that breaks a promise, and the name of a case that has to find it out. */
export interface Flaw {
  readonly flaw: string;
  readonly breaks: RegExp;
  readonly store: () => LocalStore;
}

function flaw(what: string, breaks: RegExp, Segment: new () => PlainSegment): Flaw {
  return { flaw: what, breaks, store: storeOf(() => new Segment()) };
}

const shared = new Map<string, LocalEntry>();

/** What people get wrong who write a store. */
export const flaws: Flaw[] = [
  flaw(
    'keeps copies',
    /found as the very same/,
    class extends PlainSegment {
      override get(key: string) {
        const entry = super.get(key);
        return entry && { ...entry };
      }
    },
  ),
  flaw(
    'takes null for nothing',
    /found as the very same/,
    class extends PlainSegment {
      override get(key: string) {
        const entry = super.get(key);
        return entry?.value === null ? undefined : entry;
      }
    },
  ),
  flaw(
    'says to keep what it does not',
    /found as the very same/,
    class extends PlainSegment {
      override set() {
        return true;
      }
    },
  ),
  flaw(
    'keeps its entries in a plain object',
    /never kept/,
    class extends PlainSegment {
      readonly fields: Record<string, LocalEntry> = {};
      override get(key: string) {
        return this.fields[key];
      }
    },
  ),
  flaw(
    'takes a number’s text for the number',
    /no two keys/,
    class extends PlainSegment {
      override get(key: string) {
        return super.get(String(Number(key) || key));
      }
      override set(key: string, entry: LocalEntry) {
        return super.set(String(Number(key) || key), entry);
      }
    },
  ),
  flaw(
    'keeps the first entry of a key',
    /takes the place/,
    class extends PlainSegment {
      override set(key: string, entry: LocalEntry) {
        return this.entries.has(key) || super.set(key, entry);
      }
    },
  ),
  flaw(
    'does not delete',
    /was deleted is not found/,
    class extends PlainSegment {
      override delete() {
        return undefined;
      }
    },
  ),
  flaw(
    'never takes a key again that was deleted',
    /was deleted is not found/,
    class extends PlainSegment {
      readonly deleted = new Set<string>();
      override set(key: string, entry: LocalEntry) {
        const before = this.entries.has(key);
        return (before || !this.deleted.has(key)) && super.set(key, entry);
      }
      override delete(key: string) {
        if (super.get(key) !== undefined) this.deleted.add(key);
        super.delete(key);
      }
    },
  ),
  {
    flaw: 'has one map for all segments',
    breaks: /segments are apart/,
    store: storeOf(() => new PlainSegment(shared)),
  },
  {
    flaw: 'has one map for all spaces',
    breaks: /spaces that are open/,
    store: storeOf(
      () => new PlainSegment(shared),
      () => undefined,
    ),
  },
  flaw(
    'now and then finds what it had before',
    /whatever order/,
    class extends PlainSegment {
      #before: LocalEntry | undefined;
      override set(key: string, entry: LocalEntry) {
        this.#before = this.entries.get('key 7');
        return super.set(key, entry);
      }
      override get(key: string) {
        return key === 'key 7' ? this.#before : super.get(key);
      }
    },
  ),
  flaw(
    'does not count what it drops',
    /those that were dropped/,
    class extends PlainSegment {
      override set(key: string, entry: LocalEntry) {
        if (this.size === 10) this.entries.delete([...this.entries.keys()][0]!);
        return super.set(key, entry);
      }
    },
  ),
  flaw(
    'counts what was deleted as dropped',
    /those that were dropped/,
    class extends PlainSegment {
      override delete(key: string) {
        if (this.entries.delete(key)) this.capacity += 1;
      }
    },
  ),
  flaw(
    'tells more than it holds',
    /those that were dropped/,
    class extends PlainSegment {
      override get size() {
        return super.size + 1;
      }
    },
  ),
  flaw(
    'leaves what was there when it refuses',
    /larger than all the room/,
    class extends PlainSegment {
      override set(key: string, entry: LocalEntry) {
        return entry.value !== 'too large' && super.set(key, entry);
      }
    },
  ),
  flaw(
    'leaves what was there when it refuses a long text',
    /an entry that is refused/,
    class extends PlainSegment {
      override set(key: string, entry: LocalEntry) {
        return String(entry.value).length < 1_000 && super.set(key, entry);
      }
    },
  ),
  flaw(
    'counts in parts',
    /whole numbers/,
    class extends PlainSegment {
      override figures() {
        return { ...super.figures(), bytes: 0.5 };
      }
    },
  ),
  {
    flaw: 'leaves a timer',
    breaks: /no use any more/,
    store: storeOf(({ clock }) => {
      clock.setTimer(1e12, () => undefined);
      return new PlainSegment();
    }),
  },
  {
    flaw: 'is not empty when it is closed',
    breaks: /closed holds nothing/,
    store: storeOf(
      () => new PlainSegment(),
      () => undefined,
    ),
  },
  {
    flaw: 'goes by the wall clock',
    breaks: /wall clock/,
    store: storeOf(
      ({ clock }) =>
        new (class extends PlainSegment {
          override get(key: string) {
            const entry = super.get(key);
            return entry !== undefined && entry.freshUntil > clock.now() ? entry : undefined;
          }
        })(),
    ),
  },
  flaw(
    'loses what is of no use without a word',
    /no use any more/,
    class extends PlainSegment {
      override get(key: string) {
        const entry = super.get(key);
        if (entry?.value === 5) this.entries.delete(key);
        return entry;
      }
    },
  ),
];
