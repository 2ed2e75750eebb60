import { findProgram } from './find-program.ts';
import { MEMCACHED } from './memcached.ts';
import { POSTGRES } from './postgres.ts';
import type { Program, Wanted } from './program.ts';
import { REDIS } from './redis.ts';

/** A server that runs somewhere already, named by an environment variable, or the program to start one with. */
export type Origin = { readonly from: 'environment'; readonly url: string } | Program;

/**
 * Where a Redis comes from: the address in `REDIS_URL`, a program in `PATH`, or one unpacked into the cache folder, which this
 * call does if need be. `startRedis` starts one of our own in any case.
 *
 * @throws {ServerNotFound} when there is none of them.
 */
export async function findRedis(): Promise<Origin> {
  return await find('REDIS_URL', REDIS);
}

/** Where a Memcached comes from, as {@link findRedis} has it; the address is in `MEMCACHED_URL`. */
export async function findMemcached(): Promise<Origin> {
  return await find('MEMCACHED_URL', MEMCACHED);
}

/** Where a Postgres comes from, as {@link findRedis} has it; the address is in `DATABASE_URL`. */
export async function findPostgres(): Promise<Origin> {
  return await find('DATABASE_URL', POSTGRES);
}

async function find(variable: string, wanted: Wanted): Promise<Origin> {
  const url = process.env[variable];
  return url ? { from: 'environment', url } : await findProgram(wanted);
}
