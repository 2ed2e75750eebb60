import type { ServerResponse } from 'node:http';

/** What came of recording a body: all of it, or why there is none. */
export type Recorded = Buffer | 'refused' | 'too large' | 'incomplete';

/** What becomes of a response whose headers are complete: it goes to its client, recorded or not, or to nobody. */
export type Decision = 'record' | 'pass' | 'swallow';

type Write = (...args: unknown[]) => boolean;
type End = (...args: unknown[]) => ServerResponse;
type WriteHead = (...args: unknown[]) => ServerResponse;

/**
 * Stands between a handler and its response. `decide` is called once, when the headers are complete and before
 * anything of them is sent, however the handler answers. What is recorded goes to its client meanwhile, and is copied
 * up to `limit` bytes.
 */
export class Interception {
  /** Only a response that was ended counts as complete: one that is cut off is nobody's (RFC 9111 §3.3). */
  readonly body: Promise<Recorded>;
  readonly #response: ServerResponse;
  readonly #decide: () => Decision;
  readonly #limit: number;
  readonly #write: Write;
  readonly #end: End;
  readonly #writeHead: WriteHead;
  #resolve!: (recorded: Recorded) => void;
  #decision: Decision | undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  #status = 0;
  #answering = false;

  constructor(response: ServerResponse, limit: number, decide: () => Decision) {
    this.#response = response;
    this.#decide = decide;
    this.#limit = limit;
    this.#write = (response.write as Write).bind(response);
    this.#end = (response.end as End).bind(response);
    this.#writeHead = (response.writeHead as WriteHead).bind(response);
    this.body = new Promise((resolve) => (this.#resolve = resolve));
    response.once('close', () => this.#stop('incomplete'));
    response.writeHead = (...args: unknown[]) => this.#onHead(args);
    response.write = ((...args) => this.#onWrite(args)) as Write as typeof response.write;
    response.end = ((...args) => this.#onEnd(args)) as End as typeof response.end;
  }

  /** Answers in place of a handler whose response was swallowed, and which may go on writing it. */
  answer(run: (end: (body: Buffer | undefined) => void) => void): void {
    this.#answering = true;
    run((body) => this.#end(body));
    this.#answering = false;
  }

  #onHead(args: unknown[]): ServerResponse {
    if (this.#answering || this.#decision === 'pass' || this.#decision === 'record') return this.#writeHead(...args);
    if (this.#decision === 'swallow') return this.#response;
    if (args.length > 1) takeHead(this.#response, args);
    else this.#response.statusCode = Number(args[0]);
    if (this.#settle() === 'swallow') return this.#response;
    return this.#orIncomplete(() => this.#writeHead(this.#response.statusCode));
  }

  #onWrite(args: unknown[]): boolean {
    if (this.#decision === undefined && !this.#response.headersSent)
      this.#response.writeHead(this.#response.statusCode);
    if (this.#decision === 'swallow') return true;
    const room = this.#orIncomplete(() => this.#write(...args));
    this.#keep(args[0], args[1]);
    // A client that reads slowly holds back neither the handler nor those who wait for the copy: up to `limit` the
    // socket's buffer takes what the client has not read yet.
    return this.#decision === 'record' ? true : room;
  }

  #onEnd(args: unknown[]): ServerResponse {
    const response = this.#response;
    if (this.#decision === undefined && !response.headersSent) commitHead(response, args[0], args[1]);
    if (this.#decision === 'swallow') return response;
    const ended = this.#orIncomplete(() => this.#end(...args));
    this.#keep(args[0], args[1]);
    if (this.#decision !== 'record') return ended;
    const announced = response.getHeader('content-length');
    const isWhole =
      response.statusCode === this.#status && (announced === undefined || Number(announced) === this.#length);
    this.#stop(isWhole ? joined(this.#chunks, this.#length) : 'incomplete');
    return ended;
  }

  #settle(): Decision {
    this.#status = this.#response.statusCode;
    this.#decision = this.#decide();
    if (this.#decision !== 'record') this.#resolve('refused');
    return this.#decision;
  }

  #keep(chunk: unknown, encoding: unknown): void {
    if (this.#decision !== 'record' || chunk === undefined || chunk === null || typeof chunk === 'function') return;
    const copy = copyOf(chunk, encoding);
    this.#length += copy.length;
    if (this.#length > this.#limit) this.#stop('too large');
    else this.#chunks.push(copy);
  }

  #stop(recorded: Recorded): void {
    this.#chunks = [];
    if (this.#decision !== 'swallow') this.#decision = 'pass';
    this.#resolve(recorded);
  }

  /** A call that throws sent something else than what it was given, and the error handler answers after it. */
  #orIncomplete<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.#stop('incomplete');
      throw error;
    }
  }
}

/** Fixes status and fields as `end` itself would, with the length of what it was given. */
export function commitHead(response: ServerResponse, chunk: unknown, encoding: unknown): void {
  const framed = response.hasHeader('content-length') || response.hasHeader('transfer-encoding');
  // RFC 9110 §8.6: no length where there is no content.
  const empty = response.req.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
  if (!framed && !empty) response.setHeader('Content-Length', lengthOf(chunk, encoding));
  response.writeHead(response.statusCode);
}

/** Gives a response what `writeHead` was called with: a status, perhaps a reason, and fields in any of their forms. */
function takeHead(response: ServerResponse, [status, second, third]: unknown[]): void {
  response.statusCode = Number(status);
  if (typeof second === 'string') response.statusMessage = second;
  const fields = typeof second === 'string' ? third : second;
  if (typeof fields !== 'object' || fields === null) return;
  for (const [name, value] of Array.isArray(fields) ? pairsOf(fields) : Object.entries(fields)) {
    if (value !== undefined) response.setHeader(name, value as string);
  }
}

/** Raw fields, as a flat list or a list of pairs; those of one name become one field with several lines. */
function pairsOf(fields: readonly unknown[]): [string, unknown][] {
  const flat = fields.flat(fields.every(Array.isArray) ? 1 : 0);
  const byName = new Map<string, [string, unknown]>();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, value] = [String(flat[at]), flat[at + 1]];
    const before = byName.get(name.toLowerCase());
    byName.set(name.toLowerCase(), [name, before === undefined ? value : [before[1], value].flat()]);
  }
  return [...byName.values()];
}

/** The bytes of a chunk, which its owner may change later; not of Node's pool, which they would hold on to. */
function copyOf(chunk: unknown, encoding: unknown): Buffer {
  const length = lengthOf(chunk, encoding);
  const copy = Buffer.allocUnsafeSlow(length);
  if (typeof chunk === 'string') copy.write(chunk, 0, length, encodingOf(encoding));
  else copy.set(chunk as Uint8Array);
  return copy;
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encodingOf(encoding));
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8';
}

function joined(chunks: readonly Buffer[], length: number): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}
