import { randomUUID } from 'node:crypto';
import { type CacheOutcome, hit } from './http/cache-status.ts';
import { allowsRange, isNotModified } from './http/conditional.ts';
import { isSelective } from './http/hit-head.ts';
import { contentRange, multipart, rangesOf } from './http/ranges.ts';
import { currentAge, fieldOf, restoreHead, type StoredResponse } from './http/stored-response.ts';
import type { Reply } from './reply.ts';

/** Ends the response; the handler's own way may be barred. */
type End = (body: Buffer | undefined) => void;

/**
 * Answers a request with a stored response: with all of it, a part, or the news that the client has it. HEAD gets the
 * fields, and Node leaves the body away.
 */
export function serve(reply: Reply, stored: StoredResponse, outcome: CacheOutcome, end?: End): void {
  const { res, responses, fields } = reply;
  const now = responses.clock.now();
  restoreHead(res, stored, now);
  const ttl = stored.lifetime - currentAge(stored, now);
  reply.tell({ ...outcome, ttl });
  const body = isNotModified(fields, stored, now) ? notModified(reply) : bodyFor(reply, stored, now);
  if (end === undefined) res.end(body);
  else end(body);
}

/** Answers a request with a fresh response that memory has: the hot path. */
export function serveHit(reply: Reply, stored: StoredResponse, now: number): void {
  const { req, res, responses, route } = reply;
  if (isSelective(req)) return serve(reply, stored, hit);
  responses.headOf(stored).restore(res, now, route.name);
  res.writeHead(stored.status, stored.statusMessage).end(stored.body);
}

/** The body that a request gets of a stored response, or the part that it asks for. */
function bodyFor(reply: Reply, stored: StoredResponse, now: number): Buffer {
  const { req, fields } = reply;
  const range = req.method === 'GET' && stored.status === 200 ? fields('range') : undefined;
  if (range !== undefined && allowsRange(fields, stored, now)) {
    const part = partOf(reply, stored, range);
    if (part !== undefined) return part;
  }
  return stored.body;
}

function notModified({ res }: Reply): undefined {
  res.statusCode = 304;
  res.statusMessage = 'Not Modified';
  // RFC 9110 §15.4.5: nothing about content that is not sent.
  for (const name of ['Content-Type', 'Content-Length', 'Content-Encoding', 'Content-Language', 'Content-Range'])
    res.removeHeader(name);
}

/** The part of the body that a request asks for (RFC 9110 §15.3.7); `undefined` where it gets the whole. */
function partOf({ res }: Reply, { body, headers }: StoredResponse, field: string): Buffer | undefined {
  const ranges = rangesOf(field, body.length);
  if (ranges === undefined) return undefined;
  if (ranges === 'unsatisfiable') {
    // §15.5.17: what the fields say is of the whole.
    for (const name of ['Content-Type', 'Content-Encoding', 'ETag', 'Last-Modified']) res.removeHeader(name);
    return send(res, 416, 'Range Not Satisfiable', contentRange(undefined, body.length), Buffer.alloc(0));
  }
  const [range] = ranges;
  if (ranges.length === 1) {
    const part = body.subarray(range!.first, range!.last + 1);
    return send(res, 206, 'Partial Content', contentRange(range, body.length), part);
  }
  const boundary = randomUUID();
  const parts = multipart(body, ranges, fieldOf(headers, 'content-type'), boundary);
  res.setHeader('Content-Type', `multipart/byteranges; boundary=${boundary}`);
  return send(res, 206, 'Partial Content', undefined, parts);
}

function send(res: Reply['res'], status: number, message: string, range: string | undefined, body: Buffer): Buffer {
  res.statusCode = status;
  res.statusMessage = message;
  if (range === undefined) res.removeHeader('Content-Range');
  else res.setHeader('Content-Range', range);
  res.setHeader('Content-Length', body.length);
  return body;
}
