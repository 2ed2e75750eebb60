import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisArguments, startRedis, startRedisProcess, type RedisServer } from './redis.ts';
import { allOrNone, orStopAll, stopAll } from './server-group.ts';
import { waitUntil } from './wait-until.ts';

/** A master, its replicas, and the sentinels that promote one of them when most of them miss the master. */
export interface RedisSentinelOptions {
  /** By default 1. */
  readonly replicas?: number;
  /** By default 3. */
  readonly sentinels?: number;
  /** After how many milliseconds of silence a sentinel takes the master for dead; by default 500. */
  readonly downAfterMs?: number;
  /** Further arguments of the master and its replicas. */
  readonly args?: readonly string[];
}

/** Redis with Sentinel, of our own. */
export interface RedisSentinel extends AsyncDisposable {
  /** Which started as the master, whatever it is now. */
  readonly master: RedisServer;
  readonly replicas: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** What the sentinels call the master. */
  readonly name: string;
  stop(): Promise<void>;
}

const NAME = 'main';

/** Starts them all and resolves when every sentinel knows the master, all its replicas and all other sentinels. */
export async function startRedisSentinel({
  replicas = 1,
  sentinels = 3,
  downAfterMs = 500,
  args = [],
}: RedisSentinelOptions = {}): Promise<RedisSentinel> {
  const fastSync = ['--repl-diskless-sync-delay', '0'];
  const master = await startRedis({ args: [...fastSync, ...args] });
  const following = [...fastSync, '--replicaof', master.host, String(master.port), ...args];
  const followers = await orStopAll([master], async () => {
    return await allOrNone(Array.from({ length: replicas }, async () => await startRedis({ args: following })));
  });
  const data = [master, ...followers];
  const watchers = await orStopAll(data, async () => {
    // A sentinel asks the master for its replicas at once, and then only every ten seconds.
    await waitUntil('all replicas follow', async () =>
      (await master.command('INFO', 'replication')).includes(`connected_slaves:${replicas}`),
    );
    return await allOrNone(
      Array.from({ length: sentinels }, async () => await startSentinel(master, sentinels, downAfterMs)),
    );
  });
  const all = [...data, ...watchers];
  await orStopAll(all, async () => {
    await Promise.all(watchers.map(async (sentinel) => await knowsAll(sentinel, replicas, sentinels - 1)));
  });
  const stop = async () => await stopAll(all);
  return { master, replicas: followers, sentinels: watchers, name: NAME, stop, [Symbol.asyncDispose]: stop };
}

async function startSentinel(master: RedisServer, sentinels: number, downAfterMs: number): Promise<RedisServer> {
  const quorum = Math.floor(sentinels / 2) + 1;
  return await startRedisProcess({
    // Sentinel keeps what it learns in its configuration, which therefore is written only once.
    prepare: async (folder) =>
      writeFileSync(
        configuration(folder),
        `sentinel monitor ${NAME} ${master.host} ${master.port} ${quorum}\n` +
          `sentinel down-after-milliseconds ${NAME} ${downAfterMs}\n` +
          `sentinel failover-timeout ${NAME} ${downAfterMs * 4}\n`,
      ),
    args: (port, folder) => [configuration(folder), '--sentinel', ...redisArguments(port, folder)],
  });
}

function configuration(folder: string): string {
  return join(folder, 'sentinel.conf');
}

async function knowsAll(sentinel: RedisServer, replicas: number, others: number): Promise<void> {
  await waitUntil(`the sentinel at port ${sentinel.port} knows all others`, async () => {
    const master = await sentinel.command('SENTINEL', 'MASTER', NAME);
    return master.includes(`num-slaves\n${replicas}\n`) && master.includes(`num-other-sentinels\n${others}\n`);
  });
}
