import type { ServerResponse } from 'node:http';
import onHeaders from 'on-headers';

/** What came of recording a body: all of it, or why there is none. */
export type Recorded = Buffer | 'refused' | 'too large' | 'incomplete';

type Write = (...args: unknown[]) => boolean;
type End = (...args: unknown[]) => ServerResponse;

/**
 * Copies the body of a response while it goes to its client, up to `limit` bytes. `begin` is called when the headers
 * are complete and about to be sent, however the handler answers; it says whether the body is wanted.
 *
 * Only a response that was ended counts as complete: one that is cut off is nobody's (RFC 9111 §3.3).
 */
export function record(response: ServerResponse, limit: number, begin: () => boolean): Promise<Recorded> {
  return new Promise((resolve) => {
    let chunks: Buffer[] | undefined;
    let length = 0;
    let status = 0;
    const stop = (recorded: Recorded): void => {
      chunks = undefined;
      resolve(recorded);
    };
    const keep = (chunk: unknown, encoding: unknown): void => {
      if (chunks === undefined || chunk === undefined || chunk === null || typeof chunk === 'function') return;
      const copy = copyOf(chunk, encoding);
      length += copy.length;
      if (length > limit) stop('too large');
      else chunks.push(copy);
    };
    // A call that throws sent something else than what it was given, and the error handler answers after it.
    const orIncomplete = <T>(call: () => T): T => {
      try {
        return call();
      } catch (error) {
        stop('incomplete');
        throw error;
      }
    };

    onHeaders(response, () => {
      status = response.statusCode;
      if (begin()) chunks = [];
      else stop('refused');
    });
    response.once('close', () => stop('incomplete'));

    const write = (response.write as Write).bind(response);
    response.write = ((...args) => {
      const room = orIncomplete(() => write(...args));
      keep(args[0], args[1]);
      // A client that reads slowly holds back neither the handler nor those who wait for the copy: up to `limit` the
      // socket's buffer takes what the client has not read yet.
      return chunks === undefined ? room : true;
    }) as Write as typeof response.write;

    const end = (response.end as End).bind(response);
    response.end = ((...args) => {
      const ended = orIncomplete(() => end(...args));
      keep(args[0], args[1]);
      if (chunks === undefined) return ended;
      const announced = response.getHeader('content-length');
      const whole = response.statusCode === status && (announced === undefined || Number(announced) === length);
      stop(whole ? Buffer.concat(chunks, length) : 'incomplete');
      return ended;
    }) as End as typeof response.end;
  });
}

/** The bytes of a chunk, which its owner may change later. */
function copyOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk !== 'string') return Buffer.from(chunk as Uint8Array);
  return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}
