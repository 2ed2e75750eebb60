import { findProgram, type Wanted } from './find-program.ts';
import { LOOPBACK } from './free-port.ts';
import { redisCommand } from './resp.ts';
import { startServer, type Server } from './server.ts';

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
  return await startRedisProcess((chosen, folder) => [...redisArguments(chosen, folder), ...args], port);
}

/** Starts `redis-server` with those arguments and no others. */
export async function startRedisProcess(
  args: (port: number, folder: string) => readonly string[],
  port?: number,
): Promise<RedisServer> {
  const server = await startServer({
    name: REDIS.name,
    program: await findProgram(REDIS),
    port,
    url: (chosen) => `redis://${LOOPBACK}:${chosen}`,
    args,
    // A node that is still loading its data, or a replica without its master, answers with an error.
    answers: async (chosen, withinMs) =>
      await redisCommand(chosen, ['PING'], withinMs).then(
        () => true,
        () => false,
      ),
    pidBehind: async (chosen) => {
      const info = await redisCommand(chosen, ['INFO', 'server']);
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
