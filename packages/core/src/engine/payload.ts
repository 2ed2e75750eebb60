import { CacheError } from '../model/errors.ts';
import type { Serializer } from '../model/serializer.ts';

/** Values as a ledger has them: the serializer's form in one byte, and its bytes. */
export class Payloads {
  readonly #serializer: Serializer;

  constructor(serializer: Serializer) {
    this.#serializer = serializer;
  }

  /** @throws CacheError `UNSTORABLE_VALUE`. */
  encode(value: unknown): Uint8Array {
    const { form, bytes } = this.#serializer.encode(value);
    const payload = new Uint8Array(1 + bytes.length);
    payload[0] = form;
    payload.set(bytes, 1);
    return payload;
  }

  /** @throws CacheError `CORRUPT_FRAME`. */
  decode(payload: Uint8Array): unknown {
    if (payload.length === 0) throw new CacheError('CORRUPT_FRAME', 'a record of the ledger has no value');
    return this.#serializer.decode(payload[0]!, payload.subarray(1));
  }
}
