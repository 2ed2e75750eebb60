import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { type CacheOptions, cacheAside, createCache, memoryStore } from '@cache/core';
import { redisBus, redisStore, redisTracking } from '@cache/core/redis';
import { createClient } from 'redis';
import type { Event } from './history.ts';

/** How one run goes. */
export interface Run {
  readonly namespace: string;
  readonly keys: number;
  /** How often each process reads or writes, with some milliseconds in between. */
  readonly turns: number;
  /** What tells the processes of changes. */
  readonly told: 'by bus' | 'by tracking' | 'not';
  readonly maxLocalStaleness: NonNullable<CacheOptions['maxLocalStaleness']>;
}

interface Source {
  get(key: string): Promise<string | null>;
  incr(key: string): Promise<number>;
}

/** On one machine the monotonic clock is one for all processes. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Reads and changes random keys through a memory of its own, before a source that counts the changes of each key. */
async function play(url: string, source: Source, run: Run): Promise<Event[]> {
  const { namespace, keys, turns, maxLocalStaleness } = run;
  const tiers = [memoryStore(), redisStore({ url, deadline: '2s' })];
  const bus = { 'by bus': redisBus, 'by tracking': redisTracking, not: undefined }[run.told]?.({ url });
  const cache = createCache({ namespace, tiers, maxLocalStaleness, ...(bus === undefined ? {} : { bus }) });
  const load = async (key: string): Promise<number> => Number(await source.get(`source:${namespace}:${key}`));
  const values = cache.resource('value', cacheAside<string, number>({ load, ttl: '1h' }));
  await cache.ready();
  while (bus !== undefined && cache.health().bus?.heard !== true) await delay(5);
  const events: Event[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await delay(4);
    // What has arrived while this process did not run is heard first, as it is by one that is asked over a socket.
    await immediate();
    const key = String(Math.floor(Math.random() * keys));
    const began = now();
    if (Math.random() < 0.1) {
      const version = await values.mutate(key, () => source.incr(`source:${namespace}:${key}`));
      events.push({ kind: 'write', key, version, began, ended: now() });
    } else {
      const version = await values.get(key);
      events.push({ kind: 'read', key, version, began, ended: now() });
    }
  }
  await cache.close();
  return events;
}

async function main(url: string): Promise<void> {
  const source = createClient({ url });
  source.on('error', () => undefined);
  await source.connect();
  process.on('message', (run: Run) => {
    void play(url, source, run).then((events) => process.send?.(events));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

void main(process.argv.at(-1)!);
