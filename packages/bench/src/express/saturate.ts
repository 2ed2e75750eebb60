import { connect } from 'node:net';

export interface Load {
  readonly port: number;
  /** Of the body of each answer. */
  readonly bytes: number;
  readonly requests: number;
}

const connections = 50;
const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

/**
 * For how many seconds a server is busy with so many requests, each sent as soon as the one before it on its connection
 * has been answered. Of an answer no more is read than its status and where it ends: a client that parses it has less to
 * give than the fastest servers take, which then wait for it, and pay for being woken up again and again.
 */
export async function saturate({ port, bytes, requests }: Load): Promise<number> {
  let left = requests;
  const take = (): boolean => left-- > 0;
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, () => ask(port, bytes, take)));
  return (performance.now() - begun) / 1_000;
}

function ask(port: number, bytes: number, take: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    // What is still to come of the answer.
    let left = 0;
    const next = (): void => void (take() ? socket.write(request) : socket.end(resolve));
    const read = (length: number, buffer: Uint8Array): boolean => {
      if (left === 0) left = lengthOf(Buffer.from(buffer.buffer, buffer.byteOffset, length), bytes);
      left -= length;
      if (left === 0) next();
      else if (left < 0) socket.destroy(new Error('an answer is not as long as it was said to be'));
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafe(65_536), callback: read };
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread }, next).on('error', reject);
  });
}

/** Of the answer that begins with this piece; negative where it is none. */
function lengthOf(piece: Buffer, bytes: number): number {
  const head = piece.indexOf('\r\n\r\n');
  return head < 0 || piece.toString('latin1', 0, 12) !== 'HTTP/1.1 200' ? -1 : head + 4 + bytes;
}
