/** The same bytes as a Buffer; one that is a Buffer already is given as it is, since a view costs as much as a small copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
