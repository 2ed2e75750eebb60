import { connect } from 'node:net';
import { LOOPBACK } from './free-port.ts';

/**
 * Sends one request over a connection of its own and resolves to what `read` makes of the reply.
 *
 * `read` is given all bytes so far and returns `undefined` as long as more must come. Rejects after `withinMs` milliseconds,
 * and when the connection fails or ends before that.
 */
export async function exchange<T>(
  port: number,
  request: string | Uint8Array,
  read: (reply: Buffer) => T | undefined,
  withinMs: number,
): Promise<T> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, LOOPBACK);
    const deadline = setTimeout(() => fail(new Error(`Port ${port} has not answered for ${withinMs} ms`)), withinMs);
    let reply = Buffer.alloc(0);

    function fail(reason: Error): void {
      clearTimeout(deadline);
      socket.destroy();
      reject(reason);
    }
    socket.once('error', fail);
    socket.once('close', () => fail(new Error(`Port ${port} has closed the connection without an answer`)));
    socket.on('data', (bytes: Buffer) => {
      reply = Buffer.concat([reply, bytes]);
      try {
        const answer = read(reply);
        if (answer === undefined) return;
        resolve(answer);
        clearTimeout(deadline);
        socket.destroy();
      } catch (cause) {
        fail(cause instanceof Error ? cause : new Error(String(cause)));
      }
    });
    socket.write(request);
  });
}
