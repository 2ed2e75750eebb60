import type { LoadContext } from '../../engine/source.ts';
import type { Duration } from '../../model/duration.ts';

/** The system of record that the suite puts behind a strategy. */
export interface ContractSource {
  /** To be called for each load, with the context that the strategy's own loader is given. */
  readonly load: (key: string, context: LoadContext<string>) => Promise<unknown>;
  /** To be called when a write reaches the source. */
  readonly save: (key: string, value: unknown) => Promise<void>;
}

/** Loads or saves that go no further until they are let go. */
export interface Hold {
  /** How many there are. */
  readonly waiting: number;
  /** Lets the one go that came last. */
  letLastGo(): void;
  /** Lets all go, and holds no more of them. */
  end(): void;
}

/** A source in memory, which can be slow, and fail. What it has not is `null`. */
export class SourceModel implements ContractSource {
  /** The keys of all loads, in their order. */
  readonly loads: string[] = [];
  /** The time to live that the loads set. */
  ttl: Duration = '5m';
  /** What loads reject with. */
  loadError: Error | undefined;
  /** What saves reject with, without having saved, or when they have. */
  saveError: { readonly error: Error; readonly saved: boolean } | undefined;
  readonly #values = new Map<string, unknown>();
  readonly #held = { load: undefined as Held | undefined, save: undefined as Held | undefined };

  readonly load = async (key: string, context: LoadContext<string>): Promise<unknown> => {
    this.loads.push(key);
    context.setTtl(this.ttl);
    context.setTags(`tag of ${key}`);
    const value = structuredClone(this.has(key));
    await this.#held.load?.pass();
    if (this.loadError !== undefined) throw this.loadError;
    return value;
  };

  readonly save = async (key: string, value: unknown): Promise<void> => {
    await this.#held.save?.pass();
    const failure = this.saveError;
    if (failure?.saved !== false) this.put(key, value);
    if (failure !== undefined) throw failure.error;
  };

  /** What the source has now. */
  has(key: string): unknown {
    return this.#values.has(key) ? this.#values.get(key) : null;
  }

  /** Has the source changed by somebody else. */
  put(key: string, value: unknown): void {
    this.#values.set(key, structuredClone(value));
  }

  /** Has each load that begins from now on bring what there was when it began, but not until it is let go. */
  hold(what: 'load' | 'save'): Hold {
    const held = new Held(() => (this.#held[what] = undefined));
    this.#held[what] = held;
    return held;
  }
}

class Held implements Hold {
  readonly #waiting: (() => void)[] = [];
  readonly #onEnd: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  pass(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  letLastGo(): void {
    this.#waiting.pop()?.();
  }

  end(): void {
    this.#onEnd();
    for (const go of this.#waiting.splice(0)) go();
  }
}
