import { crc32 } from './crc32.ts';

// A frame is its body's length and checksum, four bytes each, and the body.
const headBytes = 8;

/** No body is longer: what claims to be is torn. */
const longest = 2 ** 30;

export function frameOf(body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(crc32(body), 4);
  body.copy(frame, headBytes);
  return frame;
}

/** The bodies of whole frames from the beginning on, and how many bytes they take: what follows is torn, or nothing. */
export function bodiesIn(bytes: Buffer): { readonly bodies: Buffer[]; readonly whole: number } {
  const bodies: Buffer[] = [];
  let at = 0;
  while (at + headBytes <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + headBytes + length;
    if (length > longest || end > bytes.length) break;
    const body = bytes.subarray(at + headBytes, end);
    if (crc32(body) !== bytes.readUInt32LE(at + 4)) break;
    bodies.push(body);
    at = end;
  }
  return { bodies, whole: at };
}
