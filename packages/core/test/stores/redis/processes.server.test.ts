import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type RedisServer, startRedis } from '@cache/servers';
import { Worker } from '../../support/worker.ts';

const leaseTtl = 2_000;
const markerTtl = 10_000;

let redis: RedisServer;
let workers: Worker[] = [];

beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  workers = [];
});
afterAll(() => redis.stop());

async function start(count: number, loadMs: number, namespace = `t${randomUUID().slice(0, 8)}`): Promise<Worker[]> {
  const started = await Promise.all(Array.from({ length: count }, () => Worker.start(redis.url, namespace, loadMs)));
  workers.push(...started);
  return started;
}

const loads = async (key: string): Promise<number> => Number(await redis.command('GET', `source:loads:${key}`));

/** A key of the source that no other test has, with a first value. */
async function source(): Promise<string> {
  const key = randomUUID();
  await redis.command('SET', `source:${key}`, '1');
  return key;
}

describe('processes that share a Redis', () => {
  test('load a cold key once between them, however many callers each has', async () => {
    const key = await source();
    const answers = await Promise.all(
      (await start(4, 100)).map((worker) => worker.asks({ do: 'get', key, callers: 1_000 })),
    );
    expect(answers.map(({ values }) => values)).toEqual([['1'], ['1'], ['1'], ['1']]);
    expect(await loads(key)).toBe(1);
  });

  test('take over from a process that dies while it loads, once its lease has run out', async () => {
    const key = await source();
    const namespace = `t${randomUUID().slice(0, 8)}`;
    const [doomed] = await start(1, 60_000, namespace);
    const [heir] = await start(1, 0, namespace);
    const loading = doomed!.says('loading');
    doomed!.starts({ do: 'get', key, callers: 1 });
    await loading;
    await doomed!.kill();
    const answer = await heir!.asks({ do: 'get', key, callers: 100 });
    expect(answer.values).toEqual(['1']);
    expect(answer.ms).toBeLessThan(leaseTtl + 500);
    expect(await loads(key)).toBe(2);
  });

  test('refuse what a process that froze while it loaded brings when it thaws', async () => {
    const key = await source();
    const namespace = `t${randomUUID().slice(0, 8)}`;
    const [sleeper] = await start(1, 10, namespace);
    const [other] = await start(1, 0, namespace);
    const loading = sleeper!.says('loading');
    sleeper!.starts({ do: 'get', key, callers: 1 });
    await loading;
    sleeper!.freeze();
    expect((await other!.asks({ do: 'mutate', key })).values).toEqual([2]);
    expect((await other!.asks({ do: 'get', key, callers: 1 })).values).toEqual(['2']);
    sleeper!.thaw();
    // It joins what was under way before; what comes after that is a read of its own.
    await sleeper!.asks({ do: 'get', key, callers: 1 });
    expect((await sleeper!.asks({ do: 'get', key, callers: 1 })).values).toEqual(['2']);
    expect((await other!.asks({ do: 'get', key, callers: 1 })).values).toEqual(['2']);
  });

  test('never see what was before a change whose writer died half way', async () => {
    const key = await source();
    const namespace = `t${randomUUID().slice(0, 8)}`;
    const [doomed] = await start(1, 60_000, namespace);
    const [other] = await start(1, 0, namespace);
    expect((await other!.asks({ do: 'get', key, callers: 1 })).values).toEqual(['1']);
    const changed = doomed!.says('changed');
    doomed!.starts({ do: 'mutate', key });
    await changed;
    await doomed!.kill();
    expect((await other!.asks({ do: 'get', key, callers: 10 })).values).toEqual(['2']);
    const left = Number(await redis.command('PTTL', `${namespace}:{value:${key}}:w`));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(markerTtl);
    expect(await redis.command('EXISTS', `${namespace}:{value:${key}}:v`)).toBe('0');
  });
});
