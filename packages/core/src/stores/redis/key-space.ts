/** What a key of a namespace belongs to. */
export type Changed = { readonly kind: 'value'; readonly address: string } | { readonly kind: 'tags' };

/** The keys of one namespace: of each value three, in one slot of a cluster, and two for the record of tags. */
export class KeySpace {
  /** Which all of them have, and no others: not the records and counters of the namespace, which may change far more often. */
  readonly prefix: string;
  /** Of the record of tags: its clock, and the instants of all tags. */
  readonly tags: readonly [clock: string, instants: string];

  constructor(namespace: string) {
    this.prefix = `${namespace}:{`;
    this.tags = [`${namespace}:{tags}:clock`, `${namespace}:{tags}:instants`];
  }

  /** Of the value at an address: the frame, its lease, and its writers. */
  of(address: string): readonly [value: string, lease: string, writers: string] {
    const stem = `${this.prefix}${address}}`;
    return [`${stem}:v`, `${stem}:l`, `${stem}:w`];
  }

  /** The first of them: all that a reader asks for. */
  ofValue(address: string): string {
    return `${this.prefix}${address}}:v`;
  }

  /** What a change of that key may change for readers; `undefined` if nothing. */
  changedBy(key: string): Changed | undefined {
    if (this.tags.includes(key)) return { kind: 'tags' };
    // Neither leases nor writers are: whatever they do to a value is done to its own key too.
    if (!key.startsWith(this.prefix) || !key.endsWith('}:v')) return undefined;
    return { kind: 'value', address: key.slice(this.prefix.length, -'}:v'.length) };
  }
}
