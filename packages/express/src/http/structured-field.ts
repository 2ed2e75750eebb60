/** A bare item of a Structured Field (RFC 9651 §3.3); a token, a date or a byte sequence comes as its text. */
export type Item = string | number | boolean;

/** How long a field may be: what is longer is not worth parsing. */
const longest = 16_384;

/**
 * The members of a Dictionary (RFC 9651 §3.2), without parameters and inner lists; the last of a name counts.
 * `undefined` for what is none, which recipients are to ignore as a whole (§4.2).
 */
export function parseDictionary(field: string): ReadonlyMap<string, Item> | undefined {
  const members = new Map<string, Item>();
  const text = new Scanner(field);
  const fine = text.list(() => {
    const key = text.take(/[a-z*][a-z0-9_.*-]*/y);
    if (key === undefined) return false;
    const value = text.skip('=') ? text.item() : true;
    if (value !== undefined) members.set(key, value);
    return value !== undefined && text.parameters();
  });
  return fine ? members : undefined;
}

/** The members of a List of Strings (RFC 9651 §3.1), without parameters; `undefined` for anything else. */
export function parseStrings(field: string): readonly string[] | undefined {
  const members: string[] = [];
  const text = new Scanner(field);
  const fine = text.list(() => {
    const value = text.string();
    if (value !== undefined) members.push(value);
    return value !== undefined && text.parameters();
  });
  return fine ? members : undefined;
}

/** Reads a field from left to right, each character once. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Members between commas; a comma at the end is an error, and nothing at all is an empty list (§4.2). */
  list(member: () => boolean): boolean {
    if (this.#text.length > longest) return false;
    this.take(/ */y);
    while (this.#at < this.#text.length) {
      if (!member()) return false;
      this.take(/[ \t]*/y);
      if (this.#at === this.#text.length) return true;
      if (!this.skip(',')) return false;
      this.take(/[ \t]*/y);
      if (this.#at === this.#text.length) return false;
    }
    return true;
  }

  item(): Item | undefined {
    const boolean = this.take(/\?[01]/y);
    if (boolean !== undefined) return boolean === '?1';
    const number = this.take(/-?\d{1,12}\.\d{1,3}/y) ?? this.take(/-?\d{1,15}(?![\d.])/y);
    if (number !== undefined) return Number(number);
    return this.string() ?? this.take(/[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*|:[A-Za-z0-9+/=]*:|@-?\d{1,15}/y);
  }

  string(): string | undefined {
    return this.take(/"(?:[ !#-[\]-~]|\\["\\])*"/y)
      ?.slice(1, -1)
      .replace(/\\(.)/g, '$1');
  }

  /** Passes over parameters, which no field of ours gives a meaning. */
  parameters(): boolean {
    while (this.skip(';')) {
      this.take(/ */y);
      if (this.take(/[a-z*][a-z0-9_.*-]*/y) === undefined) return false;
      if (this.skip('=') && this.item() === undefined) return false;
    }
    return true;
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
