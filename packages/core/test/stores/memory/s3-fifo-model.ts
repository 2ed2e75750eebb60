interface Key {
  readonly name: string;
  used: boolean;
}

/** The algorithm as it is published, with the two changes that `s3Fifo` tells of: plain lists, oldest first. */
export class S3FifoModel {
  #small: Key[] = [];
  #main: Key[] = [];
  /** A key that came back leaves a gap. */
  #leftSmall: (string | undefined)[] = [];
  #leftMain: (string | undefined)[] = [];
  #share = 0.1;

  get size(): number {
    return this.#small.length + this.#main.length;
  }

  use(name: string): boolean {
    const named = (each: Key): boolean => each.name === name;
    const key = this.#small.find(named) ?? this.#main.find(named);
    if (key !== undefined) key.used = true;
    return key !== undefined;
  }

  add(name: string, size: number): void {
    while (this.size >= size) this.#evict();
    const entries = this.size + 1;
    const [small, main] = [this.#leftSmall, this.#leftMain].map((left) => left.filter((each) => each !== undefined));
    const key = { name, used: false };
    if (small!.includes(name)) {
      this.#share = Math.min(0.9, this.#share + Math.max(1, main!.length / small!.length) / entries);
      this.#leftSmall = this.#leftSmall.map((each) => (each === name ? undefined : each));
      this.#main.push(key);
    } else if (main!.includes(name)) {
      this.#share = Math.max(0.01, this.#share - Math.max(1, small!.length / main!.length) / entries);
      this.#leftMain = this.#leftMain.map((each) => (each === name ? undefined : each));
      this.#main.push(key);
    } else this.#small.push(key);
  }

  remove(name: string): void {
    this.#small = this.#small.filter((each) => each.name !== name);
    this.#main = this.#main.filter((each) => each.name !== name);
  }

  #evict(): void {
    for (;;) {
      const entries = this.size;
      if (this.#main.length === 0 || (this.#small.length > 0 && this.#small.length >= this.#share * entries)) {
        const key = this.#small.shift()!;
        if (!key.used) {
          this.#leftSmall = last(Math.max(1, entries - 1), [...this.#leftSmall, key.name]);
          return;
        }
        this.#main.push({ ...key, used: false });
      } else {
        const key = this.#main.shift()!;
        if (!key.used) {
          this.#leftMain = last(Math.max(1, Math.ceil((entries - 1) * 0.3)), [...this.#leftMain, key.name]);
          return;
        }
        this.#main.push({ ...key, used: false });
      }
    }
  }
}

function last<T>(most: number, list: T[]): T[] {
  return list.slice(-most);
}
