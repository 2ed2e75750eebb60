/** A part of a body: from the first byte to the last, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More parts than that are not asked for by anybody who means well. */
const mostRanges = 16;

/**
 * The parts of a body of `length` bytes that a Range field asks for (RFC 9110 §14.2), in its order; `'unsatisfiable'`
 * if there are none; `undefined` for a field that is to be ignored: of another unit, malformed, or asking for too much.
 */
export function rangesOf(field: string, length: number): readonly ByteRange[] | 'unsatisfiable' | undefined {
  if (!/^bytes=/i.test(field) || field.length > 1_000) return undefined;
  const specs = field.slice('bytes='.length).split(',');
  if (specs.length > mostRanges) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const parts = /^(\d{0,15})-(\d{0,15})$/.exec(spec.trim());
    if (parts === null || (parts[1] === '' && parts[2] === '')) return undefined;
    const [from, to] = [parts[1]!, parts[2]!];
    if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined;
    // §14.1.2: without a first byte it is the number of bytes at the end.
    const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
    const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
    if (first <= last) ranges.push({ first, last });
  }
  if (ranges.length === 0) return 'unsatisfiable';
  // §14.2: parts that are more than the whole together are answered with the whole.
  const total = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return ranges.length > 1 && total > length ? undefined : ranges;
}

/** Content-Range of a part, or of a body that has none that was asked for (RFC 9110 §14.4). */
export function contentRange(range: ByteRange | undefined, length: number): string {
  return `bytes ${range === undefined ? '*' : `${range.first}-${range.last}`}/${length}`;
}

/** The parts of a body as one of type multipart/byteranges (RFC 9110 §14.6). */
export function multipart(
  body: Buffer,
  ranges: readonly ByteRange[],
  type: string | undefined,
  boundary: string,
): Buffer {
  const pieces: Buffer[] = [];
  for (const range of ranges) {
    const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    const head = `\r\n--${boundary}\r\n${typeLine}Content-Range: ${contentRange(range, body.length)}\r\n\r\n`;
    pieces.push(Buffer.from(head, 'latin1'), body.subarray(range.first, range.last + 1));
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  return Buffer.concat(pieces);
}
