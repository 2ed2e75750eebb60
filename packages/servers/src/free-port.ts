import { createServer } from 'node:net';

/** The only address that servers of this package listen at. */
export const LOOPBACK = '127.0.0.1';

// Ports that the system hands out by itself start at 32768. One of those may be taken while a killed server is down, even by
// the client that tries to reconnect to it, since TCP lets a socket connect to itself. The bus of a Redis cluster is 10000 higher.
const LOWEST = 12_000;
const HIGHEST = 22_000;
const BUS = 10_000;

/** A port of the loopback address that nobody listens at, nor at the one 10000 above; another process may yet take it first. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if ((await isFree(port)) && (await isFree(port + BUS))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
