import type { Application } from 'express';
import type { Socket } from 'node:net';

/** Whether Express' `trust proxy` setting trusts who is at the other end of the connection. */
export function trustsSender(req: { readonly app: Application; readonly socket: Socket }): boolean {
  // What Express makes of the setting, in versions 4 and 5 alike, and calls for `req.hostname` and `req.protocol`.
  const trust: unknown = req.app.get('trust proxy fn');
  return typeof trust === 'function' && Boolean((trust as Trust)(req.socket.remoteAddress, 0));
}

type Trust = (address: string | undefined, hop: number) => unknown;
