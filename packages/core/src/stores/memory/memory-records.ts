import type { Clock } from '../../model/clock.ts';
import type { RecordSpace } from '../../model/records.ts';
import { ExpiringMap } from './expiring-map.ts';

/** Beyond these, those go that were set or touched longest ago. */
const bounds = { entries: 100_000, size: 256 * 2 ** 20 };

/** Records of this process alone, for a cache without a shared tier: at most 100 000, and 256 MiB of them. */
export class MemoryRecords implements RecordSpace {
  readonly #records: ExpiringMap<Uint8Array>;

  constructor(clock: Clock) {
    this.#records = new ExpiringMap(clock, bounds);
  }

  async get(address: string): Promise<Uint8Array | undefined> {
    const record = this.#records.get(address);
    return record && copyOf(record);
  }

  async set(address: string, record: Uint8Array, ttl: number, ifExists: boolean): Promise<boolean> {
    if (ifExists && this.#records.get(address) === undefined) return false;
    this.#keep(address, copyOf(record), ttl);
    return true;
  }

  async touch(address: string, ttl: number): Promise<boolean> {
    const record = this.#records.get(address);
    if (record !== undefined) this.#keep(address, record, ttl);
    return record !== undefined;
  }

  async delete(address: string): Promise<void> {
    this.#records.delete(address);
  }

  async *scan(): AsyncGenerator<readonly string[], void, undefined> {
    yield this.#records.keys();
  }

  close(): void {
    this.#records.close();
  }

  #keep(address: string, record: Uint8Array, ttl: number): void {
    this.#records.set(address, record, ttl, record.byteLength);
  }
}

/** The same bytes in memory of their own: a small Buffer would keep alive all of the pool that it was cut out of. */
function copyOf(record: Uint8Array): Uint8Array {
  return new Uint8Array(record);
}
