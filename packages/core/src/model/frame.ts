import { asBuffer } from './as-buffer.ts';
import type { Entry } from './entry.ts';
import { CacheError } from './errors.ts';
import type { Serializer } from './serializer.ts';

// A frame, all numbers big-endian:
//   0  2  magic 0xCA 0xC4        2  1  format, 1          3  1  the serializer's form
//   4  4  shape version          8  8  createdAt (ms)    16  8  freshUntil    24  8  staleUntil    32  8  graceUntil
//  40  8  known tag instant (µs) 48 8  loadMs            56  4  length of the tag section          60  4  length of the value
//  64     tag section: JSON [generation, …tags]          then the value's bytes, to the end
const magic = 0xca_c4;
const format = 1;
const headerLength = 64;

/** Writes an entry as the bytes that shared tiers keep. */
export function encodeFrame(entry: Entry, version: number, serializer: Serializer): Buffer {
  const value = serializer.encode(entry.value);
  const tags = Buffer.from(JSON.stringify([entry.known.generation, ...entry.tags]));
  const frame = Buffer.allocUnsafe(headerLength + tags.length + value.bytes.length);
  frame.writeUInt16BE(magic, 0);
  frame[2] = format;
  frame[3] = value.form;
  frame.writeUInt32BE(version, 4);
  frame.writeDoubleBE(entry.createdAt, 8);
  frame.writeDoubleBE(entry.freshUntil, 16);
  frame.writeDoubleBE(entry.staleUntil, 24);
  frame.writeDoubleBE(entry.graceUntil, 32);
  frame.writeDoubleBE(entry.known.at, 40);
  frame.writeDoubleBE(entry.loadMs, 48);
  frame.writeUInt32BE(tags.length, 56);
  frame.writeUInt32BE(value.bytes.length, 60);
  tags.copy(frame, headerLength);
  frame.set(value.bytes, headerLength + tags.length);
  return frame;
}

/**
 * Reads a frame; `undefined` for one of another shape version, which is a miss and no fault.
 *
 * @throws CacheError `CORRUPT_FRAME` for anything that `encodeFrame` of this format did not write.
 */
export function decodeFrame(bytes: Uint8Array, version: number, serializer: Serializer): Entry | undefined {
  const frame = asBuffer(bytes);
  if (frame.length < headerLength || frame.readUInt16BE(0) !== magic) throw corrupt('it is not one of ours');
  if (frame[2] !== format) throw corrupt(`format ${frame[2]} is not known to this version`);
  if (frame.readUInt32BE(4) !== version) return undefined;
  const valueAt = headerLength + frame.readUInt32BE(56);
  if (frame.length !== valueAt + frame.readUInt32BE(60)) throw corrupt('its length is not what its header says');
  try {
    const { generation, tags } = readTags(frame.toString('utf8', headerLength, valueAt));
    return {
      value: serializer.decode(frame[3]!, frame.subarray(valueAt)),
      createdAt: frame.readDoubleBE(8),
      freshUntil: frame.readDoubleBE(16),
      staleUntil: frame.readDoubleBE(24),
      graceUntil: frame.readDoubleBE(32),
      known: { generation, at: frame.readDoubleBE(40) },
      loadMs: frame.readDoubleBE(48),
      tags,
    };
  } catch (cause) {
    throw corrupt('its content cannot be read', cause);
  }
}

interface TagSection {
  readonly text: string;
  readonly generation: string;
  readonly tags: readonly string[];
}

/** That of the frame before: most have the same. */
let last: TagSection = { text: '', generation: '', tags: [] };

function readTags(text: string): TagSection {
  if (text === last.text) return last;
  const [generation, ...tags] = JSON.parse(text) as unknown[];
  if (!isText(generation) || !tags.every(isText)) throw corrupt('its tags are none');
  return (last = { text, generation, tags });
}

/** The serializer's form, of a frame that `decodeFrame` has read. */
export function formOf(frame: Uint8Array): number {
  return frame[3]!;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function corrupt(sentence: string, cause?: unknown): CacheError {
  return new CacheError('CORRUPT_FRAME', `a record in the shared tier is ignored: ${sentence}`, { cause });
}
