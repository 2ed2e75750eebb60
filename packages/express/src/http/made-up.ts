import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A request that nobody has sent. */
export interface MadeUp {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The connection of a request that was sent: the made-up one seems to come from there too. */
  readonly like: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;
}

/** A GET request and its response, whose bytes go nowhere. */
export function madeUp({ url, headers, like }: MadeUp): { request: IncomingMessage; response: ServerResponse } {
  const socket = nowhere(like);
  const request = new IncomingMessage(socket);
  const raw = Object.entries(headers).flat();
  Object.assign(request, { method: 'GET', url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  Object.assign(request, { headers: { ...headers }, rawHeaders: raw, complete: true });
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  return { request, response };
}

function nowhere(like: MadeUp['like']): Socket {
  const { remoteAddress, remotePort, localAddress, localPort } = like;
  const socket = new Duplex({
    // No server is there to tell the response that the socket has drained.
    writableHighWaterMark: Number.MAX_SAFE_INTEGER,
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  });
  // What `req.ip`, `req.protocol` and the like look at.
  const { encrypted } = like as { encrypted?: boolean };
  return Object.assign(socket as Socket, { remoteAddress, remotePort, localAddress, localPort, encrypted });
}
