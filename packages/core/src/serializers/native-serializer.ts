import { deserialize, serialize } from 'node:v8';
import { asBuffer } from '../model/as-buffer.ts';
import { CacheError } from '../model/errors.ts';
import type { Serializer } from '../model/serializer.ts';
import { shapeOf } from '../model/shape.ts';

const json = 0;
const structured = 1;

/**
 * The serializer that needs no package: JSON for what JSON can say, and Node's structured-clone format for Date, Map,
 * Set, bigint, Buffer, Error, `undefined` fields and cycles. Plain data pays nothing for the rest.
 */
export const nativeSerializer: Serializer = {
  encode(value) {
    const shape = shapeOf(value);
    if (shape === 'plain') return { form: json, bytes: Buffer.from(JSON.stringify(value)) };
    if (shape !== 'foreign') return { form: structured, bytes: serialize(value) };
    throw new CacheError(
      'UNSTORABLE_VALUE',
      'the value holds class instances, functions or symbols, which bytes cannot give back; declare `revive` on the resource, or load plain data',
    );
  },
  decode(form, bytes) {
    const buffer = asBuffer(bytes);
    if (form === json) return JSON.parse(buffer.toString('utf8'));
    if (form === structured) return deserialize(buffer);
    throw new CacheError('CORRUPT_FRAME', `form ${form} was written by a newer version`);
  },
  isPlain: (form) => form === json,
};
