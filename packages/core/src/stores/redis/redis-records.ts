import { asBuffer } from '../../model/as-buffer.ts';
import type { RecordSpace } from '../../model/records.ts';
import type { Command } from './clients/own-client.ts';
import type { RedisConnection } from './connection.ts';
import { scan } from './scan.ts';

/** Records in Redis, under `<namespace>:r:<name>:{<address>}`; each method but `scan` is one command. */
export class RedisRecords implements RecordSpace {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  constructor(connection: RedisConnection, namespace: string, name: string) {
    this.#connection = connection;
    this.#prefix = `${namespace}:r:${name}:`;
  }

  async get(address: string): Promise<Uint8Array | undefined> {
    // Not MGET, for which a key of a foreign type is empty.
    return ((await this.#send(address, (key) => ['GET', key])) as Buffer | null) ?? undefined;
  }

  async set(address: string, record: Uint8Array, ttl: number, ifExists: boolean): Promise<boolean> {
    const condition = ifExists ? ['XX'] : [];
    const set = (key: string): Command => ['SET', key, asBuffer(record), 'PX', String(ttl), ...condition];
    return (await this.#send(address, set)) !== null;
  }

  async touch(address: string, ttl: number): Promise<boolean> {
    return (await this.#send(address, (key) => ['PEXPIRE', key, String(ttl)])) === 1;
  }

  async delete(address: string): Promise<void> {
    await this.#send(address, (key) => ['DEL', key]);
  }

  async *scan(): AsyncGenerator<readonly string[], void, undefined> {
    for await (const keys of scan(this.#connection, this.#prefix)) {
      yield keys.map((key) => key.slice(this.#prefix.length + 1, -1));
    }
  }

  #send(address: string, command: (key: string) => Command): Promise<unknown> {
    const key = `${this.#prefix}{${address}}`;
    return this.#connection.command(key, command(key));
  }
}
