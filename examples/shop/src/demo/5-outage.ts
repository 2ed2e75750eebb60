import type { RedisServer } from '@cache/servers';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stats } from '../service.ts';
import type { Client } from './client.ts';
import { type Phase, startLoad } from './load.ts';
import { startServiceProcess } from './service-process.ts';
import type { Stage } from './stage.ts';
import { redisToBreak } from './surroundings.ts';
import { type Terminal, time } from './terminal.ts';

const perSecond = 200;

/** Redis stops answering without closing a connection, then dies, then comes back, under load. */
export async function outage({ terminal, surroundings, namespace, service }: Stage): Promise<void> {
  terminal.heading(`5  Redis frozen, then killed, at ${perSecond} requests a second`);
  const { databaseUrl, ownRedis } = surroundings;
  if (databaseUrl === undefined) {
    terminal.say('Left out: PGlite runs its queries in the process of the service, which stands still meanwhile,');
    terminal.say('so the latencies would tell of that and not of Redis. It takes a Postgres server.');
    return;
  }
  if (ownRedis !== undefined) return breakRedis(terminal, service, ownRedis);

  const redis = await redisToBreak();
  if (redis === undefined) {
    terminal.say('Left out: it takes a redis-server that this demo may kill, and there is none to be had here.');
    return;
  }
  terminal.say('(With a Redis of its own, and a service process for it: yours is left alone.)');
  terminal.say();
  const own = await startServiceProcess({ databaseUrl, redisUrl: redis.url, namespace });
  await breakRedis(terminal, own, redis);
  await own.close();
  await redis.stop();
}

async function breakRedis(terminal: Terminal, client: Client, redis: RedisServer): Promise<void> {
  const load = startLoad(client, 1_000 / perSecond);
  let left: number | undefined;
  let back: number | undefined;
  try {
    load.phase('healthy');
    await delay(1_500);

    load.phase('frozen (SIGSTOP)');
    await redis.freeze();
    left = await timeUntil(client, 'left alone');
    await delay(2_000);

    load.phase('killed (SIGKILL)');
    await redis.kill();
    await delay(1_500);

    await redis.restart();
    load.phase('started again');
    back = await timeUntil(client, 'in use');
    await delay(1_500);
  } finally {
    await load.stop();
  }

  const { phases } = load;
  const keys = Number(await redis.command('DBSIZE'));
  terminal.table('lrrrrr', [['Redis', 'requests', 'answered', 'errors', 'median', 'worst'], ...phases.map(row)]);
  terminal.say();
  terminal.say('Worst: a product that is in no cache costs its slow query, with Redis or without it. A Redis');
  terminal.say('that is frozen adds a deadline to the first calls; then it is left alone, until a probe finds it.');
  terminal.say();
  const [sent, errors] = [sum(phases, 'sent'), sum(phases, 'errors')];
  terminal.check(errors === 0 && sum(phases, 'answered') === sent, `${sent} requests, ${errors} errors.`);
  terminal.check(left !== undefined, `Frozen, Redis was left alone after ${time(left ?? Infinity)}.`);
  terminal.check(
    back !== undefined && keys > 0,
    `Started again, it was in use after ${time(back ?? Infinity)}, and holds ${keys} keys by now.`,
  );
}

function row({ name, sent, answered, errors, latencies }: Phase): string[] {
  const sorted = [...latencies].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [name, String(sent), String(answered), String(errors), time(median), time(sorted.at(-1) ?? 0)];
}

function sum(phases: readonly Phase[], field: 'sent' | 'answered' | 'errors'): number {
  return phases.reduce((total, phase) => total + phase[field], 0);
}

/** Milliseconds until the service says so of its Redis; `undefined` if it has not within five seconds. */
async function timeUntil(client: Client, state: Stats['redis']): Promise<number | undefined> {
  const start = performance.now();
  for (;;) {
    const { redis } = await client.stats();
    const took = performance.now() - start;
    if (redis === state) return took;
    if (took > 5_000) return undefined;
    await delay(10);
  }
}
