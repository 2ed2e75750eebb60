import { type IncomingMessage, request } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';

/** Fields that are about one connection, and end with it (RFC 9110 §7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Passes requests on to an origin, and its responses back, interim ones included. It caches nothing. */
export function forward(origin: URL): RequestHandler {
  return (req, res) => {
    const { method, originalUrl: path } = req;
    const { hostname: host, port } = origin;
    const onward = request({ agent: false, host, port, path, method, headers: endToEnd(req) });
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

/** The fields of a message that go further than the next hop, each with its lines; a request's body keeps its framing. */
function endToEnd(message: IncomingMessage | Request): Record<string, string | string[]> {
  const listed = (message.headers.connection ?? '').toLowerCase().split(',');
  const left = new Set([...hopByHop, ...listed.map((name) => name.trim())]);
  const fields: Record<string, string[]> = {};
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    const [name, value] = [message.rawHeaders[at]!, message.rawHeaders[at + 1]!];
    const known = Object.keys(fields).find((each) => each.toLowerCase() === name.toLowerCase());
    if (known !== undefined) fields[known]!.push(value);
    else if (!left.has(name.toLowerCase())) fields[name] = [value];
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, lines]) => [name, lines.length === 1 ? lines[0]! : lines]),
  );
}
