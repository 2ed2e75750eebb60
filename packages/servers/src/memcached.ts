import { exchange } from './exchange.ts';
import { findProgram } from './find-program.ts';
import { LOOPBACK } from './free-port.ts';
import type { Wanted } from './program.ts';
import { startServer, type Server } from './server.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

export const MEMCACHED: Wanted = {
  name: 'Memcached',
  binary: 'memcached',
  package: 'memcached',
  family: /^memcached$/,
};

/** How to start a Memcached. */
export interface MemcachedOptions {
  /** Further arguments: `['--memory-limit', '8']`. */
  readonly args?: readonly string[];
  /** By default a free one. */
  readonly port?: number;
}

/**
 * Starts a Memcached; as root it runs as the user `nobody`, since it refuses to run as root.
 *
 * @throws {ServerNotFound} when there is no Memcached and none can be fetched.
 */
export async function startMemcached({ args = [], port }: MemcachedOptions = {}): Promise<Server> {
  return await startServer({
    name: MEMCACHED.name,
    program: await findProgram(MEMCACHED),
    user: unprivilegedUser(),
    port,
    url: (chosen) => `memcached://${LOOPBACK}:${chosen}`,
    args: (chosen) => ['-l', LOOPBACK, '-p', String(chosen), ...args],
    answers: async (chosen, withinMs) =>
      await exchange(chosen, 'version\r\n', (reply) => reply.includes('VERSION') || undefined, withinMs).catch(
        () => false,
      ),
    pidBehind: async (chosen) => {
      const statistics = await exchange(chosen, 'stats\r\n', wholeStatistics, 5_000);
      return Number(/STAT pid (\d+)/.exec(statistics)?.[1]);
    },
    orderly: 'SIGTERM',
    atOnce: 'SIGKILL',
  });
}

function wholeStatistics(reply: Buffer): string | undefined {
  const text = reply.toString('latin1');
  return text.endsWith('END\r\n') ? text : undefined;
}
