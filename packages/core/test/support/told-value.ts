import type { Random } from '../../src/testing/random.ts';

/**
 * A value, and what it is in words that leave no doubt: each part is told with its kind and its length before it, so
 * that two values are told alike exactly if they are equal. It knows nothing of canonical keys.
 */
export interface Told<V = unknown> {
  readonly value: V;
  readonly words: string;
  /** An equal value, with everything that has no order put in the opposite one. */
  readonly again: V;
}

/** What looks alike: by its type, by separators, by the very syntax that keys are written in. */
const texts = [
  ...['', '0', '1', '-0', '1n', 'a', 'b', 'a,b', 'a","b', '"a"', '"', '\\', '\\"', '\\ud800', '\uD800', '\uDC00', 'é'],
  ...['null', 'undefined', 'true', 'NaN', '()', '(1)', '[]', '[1]', '{}', '{"a":1}', '"a":1', 'Date(0)', 'Set{}'],
  ...['Map{}', '=>', 'a":1,"b', 'Uint8Array()', '1970-01-01T00:00:00.000Z', 'sha256:', '__proto__', 'constructor'],
];
const numbers = [0, -0, 1, -1, 2, 10, 12, 0.1, 1e21, 1e-7, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER];
const primitives = [...numbers, 0n, 1n, -1n, 10n ** 21n, true, false, null, undefined];
const times = [0, 1, -1, 1_000, NaN];
const names = ['a', 'b', 'a,b', 'a":1,"b', '1', '0', '__proto__', ''];
const views: readonly (new (memory: ArrayBuffer, from?: number) => ArrayBufferView)[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Float64Array,
  DataView,
];

/** So many different values, that nest at most two deep. */
export function differentValues(random: Random, count: number): Told[] {
  const byWords = new Map(lookalikes().map((part) => [part.words, part]));
  while (byWords.size < count) {
    const part = toldValue(random, random.pick([0, 0, 0, 0, 0, 1, 1, 2]));
    byWords.set(part.words, part);
  }
  return [...byWords.values()];
}

/** What a form without quotes, brackets or kinds would mix up, and what chance seldom brings together. */
function lookalikes(): Told[] {
  const [one, two, both] = [plain(1), plain(2), plain('1,2')];
  const fields = ['a:1,b', 'a":1,"b', 'a=>1,b', '"a"'].map((name) => record([[name, two]]));
  return [
    ...fields,
    record([...['a', 'b'].entries()].map(([index, name]) => [name, [one, two][index]!])),
    ...[list, set].flatMap((of) => [of([one, two]), of([both]), of([of([one]), two]), of([one, of([two])])]),
    ...[record([['a', one]]), map([[plain('a'), one]]), list([plain('a'), one]), set([list([plain('a'), one])])],
  ];
}

/** A random value whose parts nest at most so deep. */
function toldValue(random: Random, depth: number): Told {
  const kind = random.integer(depth === 0 ? 10 : 16);
  if (kind < 4) return plain(random.integer(60) === 0 ? longText(random) : random.pick(texts));
  if (kind < 8) return plain(random.integer(3) === 0 ? random.integer(1_000) : random.pick(primitives));
  if (kind === 8) return date(random.pick(times));
  if (kind === 9) return bytes(random);
  const parts = Array.from({ length: random.integer(3) }, () => toldValue(random, depth - 1));
  if (kind < 12) return list(parts);
  if (kind < 14) return record(parts.map((part) => [random.pick(names), part]));
  return kind === 14 ? map(parts.map((part) => [plain(random.pick(primitives)), part])) : set(parts);
}

/** Some have keys that are hashed, and differ in one character only. */
function longText(random: Random): string {
  return `${'x'.repeat(180 + random.integer(20))}${random.integer(10)}`;
}

function plain(value: unknown): Told {
  const shown = Object.is(value, -0) ? 'minus 0' : String(value);
  return { value, words: told(value === null ? 'null' : typeof value, [shown]), again: value };
}

function date(time: number): Told {
  return { value: new Date(time), words: told('Date', [String(time)]), again: new Date(time) };
}

/** Some views show a part of their memory only. */
function bytes(random: Random): Told {
  const [View, hidden] = [random.pick(views), random.integer(2) * 8];
  const memory = Uint8Array.from({ length: hidden + 8 }, () => random.integer(2));
  const shown = memory.slice(hidden);
  const words = told(View.name, [shown.join(' ')]);
  return { value: new View(memory.buffer, hidden), words, again: new View(shown.buffer) };
}

function list(parts: readonly Told[]): Told<unknown[]> {
  const values = parts.map(({ value }) => value);
  return { value: values, words: told('Array', wordsOf(parts)), again: parts.map(({ again }) => again) };
}

/** Of fields with one name the last counts. */
function record(given: readonly (readonly [string, Told])[]): Told {
  const fields = [...new Map(given)];
  return {
    value: Object.fromEntries(fields.map(([name, { value }]) => [name, value])),
    words: told('Object', fields.map(([name, { words }]) => told('field', [name, words])).sort()),
    again: Object.fromEntries(fields.map(([name, { again }]) => [name, again] as const).reverse()),
  };
}

function map(given: readonly (readonly [Told, Told])[]): Told {
  // A Map has one zero.
  const entries = [
    ...new Map(given.map(([key, part]) => [key.value, [Object.is(key.value, -0) ? plain(0) : key, part]])),
  ];
  return {
    value: new Map(entries.map(([key, [, part]]) => [key, part!.value])),
    words: told('Map', entries.map(([, [key, part]]) => told('entry', [key!.words, part!.words])).sort()),
    again: new Map(entries.map(([key, [, part]]) => [key, part!.again] as const).reverse()),
  };
}

/** A Set has every primitive once, and objects as often as they were made. */
function set(given: readonly Told[]): Told {
  const members = [...new Map(given.map((part) => [part.value, Object.is(part.value, -0) ? plain(0) : part])).values()];
  return {
    value: new Set(members.map(({ value }) => value)),
    words: told('Set', wordsOf(members).sort()),
    again: new Set(members.map(({ again }) => again).reverse()),
  };
}

function wordsOf(parts: readonly Told[]): string[] {
  return parts.map(({ words }) => words);
}

/** The lengths make it readable in one way only. */
function told(kind: string, parts: readonly string[]): string {
  return `${kind} of ${parts.length}:${parts.map((part) => `${part.length} ${part}`).join('')}`;
}
