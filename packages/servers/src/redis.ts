import { findProgram } from './find-program.ts';
import { LOOPBACK } from './free-port.ts';
import type { Wanted } from './program.ts';
import { redisCommand } from './resp.ts';
import { startServer, type Server, type ServerKind } from './server.ts';

export const REDIS: Wanted = { name: 'Redis', binary: 'redis-server', package: 'redis-server', family: /^redis-/ };

/** A Redis of our own. */
export interface RedisServer extends Server {
  /**
   * Sends one command and resolves to the reply as text: a nil is the empty string, an array one line per element. Rejects with
   * the server's words when it refuses, and after five seconds.
   */
  command(...args: string[]): Promise<string>;
}

/** How to start a Redis. */
export interface RedisOptions {
  /** Further arguments, which win over ours: `['--appendonly', 'yes', '--appendfsync', 'always']`. */
  readonly args?: readonly string[];
  /** By default a free one. */
  readonly port?: number;
}

/**
 * Starts a Redis that keeps its data in memory only, unless `args` say otherwise.
 *
 * @throws {ServerNotFound} when there is no Redis and none can be fetched.
 */
export async function startRedis({ args = [], port }: RedisOptions = {}): Promise<RedisServer> {
  return await startRedisProcess({ port, args: (chosen, folder) => [...redisArguments(chosen, folder), ...args] });
}

/** Starts `redis-server` with those arguments and no others. */
export async function startRedisProcess(kind: Pick<ServerKind, 'args' | 'prepare' | 'port'>): Promise<RedisServer> {
  const server = await startServer({
    ...kind,
    name: REDIS.name,
    program: await findProgram(REDIS),
    url: (port) => `redis://${LOOPBACK}:${port}`,
    answers: async (port, withinMs) =>
      await redisCommand(port, ['PING'], withinMs).then(
        () => true,
        // It answers with an error while it loads its data, and as a replica that has lost its master.
        () => false,
      ),
    pidBehind: async (port) => {
      const info = await redisCommand(port, ['INFO', 'server']);
      return Number(/process_id:(\d+)/.exec(info)?.[1]);
    },
    orderly: 'SIGTERM',
    atOnce: 'SIGKILL',
  });
  return Object.assign(server, { command: async (...words: string[]) => await redisCommand(server.port, words) });
}

/** What every Redis of ours is started with. */
export function redisArguments(port: number, folder: string): string[] {
  const settings = { port, bind: LOOPBACK, dir: folder, save: '', appendonly: 'no', daemonize: 'no' };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
