import type { Socket } from 'node:net';

/**
 * Breaks a connection so that the other side sees a reset, unless it has been told of an orderly end already.
 */
export function reset(socket: Socket): void {
  // While the end is on its way Node fails to reset, and forgets the socket half closed: the process would never end.
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
