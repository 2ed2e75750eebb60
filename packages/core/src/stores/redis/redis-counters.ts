import type { CounterSpace, Quota, Usage, Verdict } from '../../model/counters.ts';
import type { RedisConnection } from './connection.ts';
import * as scripts from './counter-scripts.ts';
import { scan } from './scan.ts';
import { evaluate, type Script } from './script.ts';

/** Counters in Redis, under `<namespace>:c:<name>:{<group>}:…`; each method but `clear` is one script, by Redis' own clock. */
export class RedisCounters implements CounterSpace {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  constructor(connection: RedisConnection, namespace: string, name: string) {
    this.#connection = connection;
    this.#prefix = `${namespace}:c:${name}:`;
  }

  async hit(group: string, quotas: readonly Quota[]): Promise<Verdict> {
    const [allowed, ...figures] = (await this.#run(scripts.hit, group, quotas)) as number[];
    return { allowed: allowed === 1, usages: quotas.map((_, i) => usage(figures[2 * i], figures[2 * i + 1])) };
  }

  async look(group: string, quota: Quota): Promise<Usage> {
    const [hits, resetIn] = (await this.#run(scripts.look, group, [quota])) as number[];
    return usage(hits, resetIn);
  }

  async giveBack(group: string, quota: Quota): Promise<void> {
    await this.#run(scripts.giveBack, group, [quota]);
  }

  async reset(group: string, quota: Quota): Promise<void> {
    await this.#delete(this.#key(group, quota));
  }

  async *clear(): AsyncGenerator<number, void, undefined> {
    for await (const keys of scan(this.#connection, this.#prefix)) {
      await Promise.all(keys.map((key) => this.#delete(key)));
      yield keys.length;
    }
  }

  async #delete(key: string): Promise<void> {
    await this.#connection.command(key, ['DEL', key]);
  }

  #run(script: Script, group: string, quotas: readonly Quota[]): Promise<unknown> {
    const keys = quotas.map((quota) => this.#key(group, quota));
    const args = quotas.flatMap(({ algorithm, window, limit, countRefused }) => [
      algorithm,
      String(window),
      String(Math.min(limit, Number.MAX_SAFE_INTEGER)),
      countRefused ? '1' : '0',
    ]);
    return evaluate(this.#connection, script, keys, args);
  }

  /** Another algorithm or window counts anew: what the one has left there, the other could not read. */
  #key(group: string, { key, algorithm, window }: Quota): string {
    return `${this.#prefix}{${group}}:${key}:${algorithm}:${window}`;
  }
}

function usage(hits = 0, resetIn = 0): Usage {
  return { hits, resetIn };
}
