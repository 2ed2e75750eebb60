import { beforeEach, describe, expect, test } from '@jest/globals';
import { mostTags, namespaceTag, resourceTag, TagClocks, userTag } from '../../src/engine/tag-clocks.ts';
import type { Entry, TagClock } from '../../src/model/entry.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { entryOf } from '../support/entry.ts';

const users = resourceTag('user');
const org = userTag('org:7');

let clock: ManualClock;
let tags: TagClocks;
beforeEach(() => {
  clock = new ManualClock();
  tags = new TagClocks(clock);
});

const loadedNow = (...own: string[]): Entry => entryOf({ tags: own, known: tags.known });
const at = (instant: number, generation = 'g1'): TagClock => ({ generation, at: instant });
const record = (instant: number, instants: Record<string, number> = {}, generation = 'g1') => ({
  clock: at(instant, generation),
  instants: new Map(Object.entries(instants)),
});
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => userTag(`t${index}`));

test('the tags of users, resources and namespaces never meet', () => {
  expect(new Set([userTag('*'), namespaceTag, resourceTag('*'), userTag('@user'), resourceTag('user')]).size).toBe(5);
});

describe('where no other process takes part', () => {
  test('an invalidation ends what was loaded before it, and nothing loaded after it', () => {
    const before = loadedNow(org);
    tags.invalidateLocally([org]);
    const after = loadedNow(org);
    expect([tags.isValid(before, users), tags.isValid(after, users)]).toEqual([false, true]);
  });

  test('an invalidation ends nothing that lacks the tag', () => {
    const other = loadedNow(userTag('org:8'));
    const none = loadedNow();
    tags.invalidateLocally([org]);
    expect([tags.isValid(other, users), tags.isValid(none, users)]).toEqual([true, true]);
  });

  test('the tag of a resource ends all of that resource, that of the namespace ends all', () => {
    const entry = loadedNow();
    tags.invalidateLocally([users]);
    expect([tags.isValid(entry, users), tags.isValid(entry, resourceTag('cart'))]).toEqual([false, true]);
    tags.invalidateLocally([namespaceTag]);
    expect(tags.isValid(entry, resourceTag('cart'))).toBe(false);
  });

  test('two invalidations in one millisecond are two instants', () => {
    const first = loadedNow(org);
    tags.invalidateLocally([org]);
    const second = loadedNow(org);
    tags.invalidateLocally([org]);
    const third = loadedNow(org);
    expect([first, second, third].map((entry) => tags.isValid(entry, users))).toEqual([false, false, true]);
  });

  test('a clock that is set back ends what it should all the same', () => {
    tags.invalidateLocally([userTag('other')]);
    const entry = loadedNow(org);
    const backwards = new TagClocks(new ManualClock(0));
    backwards.learn({ clock: tags.known, instants: new Map() });
    backwards.invalidateLocally([org]);
    expect(backwards.isValid(entry, users)).toBe(false);
  });

  test('every change raises the version, so that what was checked is checked again', () => {
    const versions = [tags.version];
    tags.invalidateLocally([org]);
    versions.push(tags.version);
    tags.block([org]);
    versions.push(tags.version);
    tags.learn(record(1, {}, 'g2'));
    versions.push(tags.version);
    tags.invalidatedAt([org], at(5, 'g2'));
    versions.push(tags.version);
    expect(new Set(versions).size).toBe(5);
    expect(versions.toSorted((a, b) => a - b)).toEqual(versions);
  });
});

describe('what the shared record says', () => {
  beforeEach(() => tags.learn(record(100)));

  test('ends what was loaded by who knew less', () => {
    const knewLess = entryOf({ tags: [org], known: at(100) });
    const knewEnough = entryOf({ tags: [org], known: at(150) });
    tags.learn(record(200, { [org]: 150 }));
    expect([tags.isValid(knewLess, users), tags.isValid(knewEnough, users)]).toEqual([false, true]);
  });

  test('is current for who knows its clock, and not for who knows less, nothing, or another generation', () => {
    expect(tags.isCurrent(at(100))).toBe(true);
    expect(tags.isCurrent(at(99))).toBe(true);
    expect(tags.isCurrent(at(101))).toBe(false);
    expect(tags.isCurrent(at(100, 'g2'))).toBe(false);
    expect(tags.isCurrent(undefined)).toBe(false);
  });

  test('changes nothing when it arrives after a newer one', () => {
    tags.learn(record(200, { [org]: 200 }));
    tags.learn(record(150));
    expect(tags.known).toMatchObject(at(200));
    expect(tags.isValid(entryOf({ tags: [org], known: at(180) }), users)).toBe(false);
  });

  test('is added to what is known, the later instant of a tag counts', () => {
    tags.learn(record(200, { [org]: 190 }));
    tags.learn(record(300, { [org]: 150, [userTag('other')]: 250 }));
    expect(tags.isValid(entryOf({ tags: [org], known: at(180) }), users)).toBe(false);
    expect(tags.isValid(entryOf({ tags: [org], known: at(190) }), users)).toBe(true);
    expect(tags.isValid(entryOf({ tags: [userTag('other')], known: at(200) }), users)).toBe(false);
  });

  test('of another generation means that it was lost: all that was loaded before is invalid, never valid again', () => {
    const before = entryOf({ known: at(100) });
    tags.learn(record(50, {}, 'g2'));
    expect(tags.isValid(before, users)).toBe(false);
    expect(tags.known).toMatchObject(at(50, 'g2'));
    expect(tags.isValid(entryOf({ known: at(50, 'g2') }), users)).toBe(true);
    // Not even if the old record comes back, for what was loaded under the new one.
    tags.learn(record(100));
    expect(tags.isValid(entryOf({ known: at(50, 'g2') }), users)).toBe(false);
  });

  test('of another generation takes the old instants with it', () => {
    tags.learn(record(200, { [org]: 200 }));
    tags.learn(record(50, {}, 'g2'));
    expect(tags.isValid(entryOf({ tags: [org], known: at(50, 'g2') }), users)).toBe(true);
  });
});

describe("an invalidation of one's own", () => {
  beforeEach(() => tags.learn(record(100)));

  test('ends what was loaded before, and does not claim to know what others have invalidated meanwhile', () => {
    tags.invalidatedAt([org], at(200));
    expect(tags.isValid(entryOf({ tags: [org], known: at(100) }), users)).toBe(false);
    expect(tags.known).toMatchObject(at(100));
    expect(tags.isCurrent(at(200))).toBe(false);
  });

  test('makes everything with its tags invalid while it is on its way, whatever was known', () => {
    tags.block([org]);
    expect(tags.isValid(entryOf({ tags: [org], known: at(Number.MAX_SAFE_INTEGER) }), users)).toBe(false);
    expect(tags.isValid(entryOf({ known: at(100) }), users)).toBe(true);
    tags.invalidatedAt([org], at(200));
    expect(tags.isValid(entryOf({ tags: [org], known: at(200) }), users)).toBe(true);
  });

  test('of the namespace unblocks every tag, since it is later than they were', () => {
    tags.block([org, users]);
    tags.block([namespaceTag]);
    tags.invalidatedAt([namespaceTag], at(200));
    expect(tags.isValid(entryOf({ tags: [org], known: at(199) }), users)).toBe(false);
    expect(tags.isValid(entryOf({ tags: [org], known: at(200) }), users)).toBe(true);
  });
});

describe('more tags than can be remembered', () => {
  test('have the older half of them end everything from before its latest, and nothing that is younger', () => {
    const first = loadedNow();
    const all = numbered(mostTags);
    const [older, younger] = [all.slice(0, mostTags / 2), all.slice(mostTags / 2)];
    for (const tag of older) tags.invalidateLocally([tag]);
    const between = [loadedNow(), loadedNow(older[0]!), loadedNow(younger[0]!)];
    for (const tag of younger) tags.invalidateLocally([tag]);
    expect(tags.isValid(first, users)).toBe(true);
    tags.invalidateLocally([org]);
    expect(tags.isValid(first, users)).toBe(false);
    expect(between.map((entry) => tags.isValid(entry, users))).toEqual([false, false, false]);
    expect(tags.isValid(loadedNow(org, ...numbered(3)), users)).toBe(true);
  });

  test('leave valid what was loaded after the older half of them', () => {
    const all = numbered(mostTags);
    for (const tag of all.slice(0, mostTags / 2 + 1)) tags.invalidateLocally([tag]);
    const [plain, tagged] = [loadedNow(), loadedNow(all.at(-1)!)];
    for (const tag of all.slice(mostTags / 2 + 1)) tags.invalidateLocally([tag]);
    tags.invalidateLocally([org]);
    expect([tags.isValid(plain, users), tags.isValid(tagged, users)]).toEqual([true, false]);
  });

  test('have what is invalidated again count as young', () => {
    tags.invalidateLocally([org]);
    for (const tag of numbered(mostTags - 1)) tags.invalidateLocally([tag]);
    const entry = loadedNow(org);
    tags.invalidateLocally([org]);
    tags.invalidateLocally([userTag('one more')]);
    expect([tags.isValid(entry, users), tags.isValid(loadedNow(), users)]).toEqual([false, true]);
  });

  test('may come in one record, of any size', () => {
    const instants = new Map(numbered(200_000).map((tag, index) => [tag, index + 1]));
    tags.learn({ clock: at(300_000), instants });
    const forgotten = 200_000 - mostTags / 2;
    expect(tags.isValid(entryOf({ known: at(forgotten - 1) }), users)).toBe(false);
    expect(tags.isValid(entryOf({ known: at(forgotten) }), users)).toBe(true);
    expect(tags.isValid(entryOf({ known: at(forgotten), tags: [numbered(200_000).at(-1)!] }), users)).toBe(false);
  });
});

test('tags that wait to be told are bounded: beyond that everything is invalid until that has been told', () => {
  const entry = loadedNow();
  expect(tags.block([org])).toEqual([org]);
  expect(tags.isValid(entry, users)).toBe(true);
  expect(tags.block(numbered(mostTags + 1))).toEqual([namespaceTag]);
  expect(tags.isValid(entry, users)).toBe(false);
  tags.invalidatedAt([namespaceTag], at(1, tags.known.generation));
  tags.learn(record(2));
  expect(tags.isValid(loadedNow(org), users)).toBe(true);
});

describe('what this process has loaded itself', () => {
  test('after an invalidation of its own is valid, though the shared clock has not been heard of since', () => {
    tags.learn(record(100));
    const before = loadedNow(org);
    tags.invalidatedAt([org], at(200));
    const after = loadedNow(org);
    expect([tags.isValid(before, users), tags.isValid(after, users)]).toEqual([false, true]);
  });

  test('after an invalidation that nobody could be told of is valid, what others have loaded is not', () => {
    tags.learn(record(100));
    const before = loadedNow(org);
    tags.block([org]);
    const after = loadedNow(org);
    const ofOthers = entryOf({ tags: [org], known: at(100) });
    expect([before, after, ofOthers].map((entry) => tags.isValid(entry, users))).toEqual([false, true, false]);
  });

  test('before another process invalidated it is invalid as soon as that is heard of', () => {
    tags.learn(record(100));
    const entry = loadedNow(org);
    tags.learn(record(200, { [org]: 200 }));
    expect(tags.isValid(entry, users)).toBe(false);
  });
});

test('an invalidation in a record that began anew, with its clock behind, ends all from before', () => {
  tags.learn(record(1_000));
  const [own, shared] = [loadedNow(org), entryOf({ tags: [org], known: at(1_000) })];
  tags.invalidatedAt([org], at(50, 'g2'));
  expect([tags.isValid(own, users), tags.isValid(shared, users)]).toEqual([false, false]);
});
