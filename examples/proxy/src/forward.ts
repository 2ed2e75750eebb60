import { type IncomingMessage, request } from 'node:http';
import { hopByHop } from '@cache/express';
import type { RequestHandler, Response } from 'express';

/** Passes requests on to an origin, and its responses back, interim ones included. It caches nothing. */
export function forward(origin: URL): RequestHandler {
  return (req, res) => {
    const { method, originalUrl: path } = req;
    const { hostname: host, port } = origin;
    const headers = endToEnd(req);
    // Node frames no body of a GET or a DELETE by itself: the origin would take it for another request.
    if (req.headers['transfer-encoding'] !== undefined) headers['Transfer-Encoding'] = 'chunked';
    const onward = request({ agent: false, host, port, path, method, headers });
    onward.on('information', (interim) => {
      if (interim.statusCode === 102) res.writeProcessing();
      if (interim.statusCode === 103) res.writeEarlyHints(interim.headers as Record<string, string>);
    });
    onward.once('error', () => res.status(502).end());
    onward.once('response', (response) => {
      // What goes wrong from now on is for the response to tell: it may be complete by then.
      onward.removeAllListeners('error').on('error', () => undefined);
      answer(res, response);
    });
    res.on('close', () => {
      if (!res.writableEnded) onward.destroy();
    });
    req.pipe(onward);
  };
}

function answer(res: Response, response: IncomingMessage): void {
  for (const [name, value] of Object.entries(endToEnd(response))) res.setHeader(name, value);
  res.statusCode = response.statusCode!;
  res.statusMessage = response.statusMessage!;
  response.on('error', () => res.destroy());
  response.pipe(res);
}

/** The fields of a message that go further than the next hop, each with its lines. */
function endToEnd({ headers, rawHeaders }: IncomingMessage): Record<string, string | string[]> {
  const left = hopByHop(headers.connection);
  const fields = new Map<string, { name: string; lines: string[] }>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at]!, rawHeaders[at + 1]!];
    const key = name.toLowerCase();
    const field = fields.get(key);
    if (field !== undefined) field.lines.push(value);
    else if (!left.has(key)) fields.set(key, { name, lines: [value] });
  }
  const entries = [...fields.values()].map(({ name, lines }) => [name, lines.length === 1 ? lines[0]! : lines]);
  return Object.fromEntries(entries) as Record<string, string | string[]>;
}
