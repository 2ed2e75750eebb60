import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { poolOf } from '../support/database.ts';
import { beginAnew, writeLine } from './history.ts';
import type { Orders } from './orders.ts';

interface Item {
  readonly key: string;
  readonly id: string;
  readonly version: number;
}

const orders = JSON.parse(process.env['CHAOS_ORDERS']!) as Orders;
const pool = poolOf(orders.postgres);
beginAnew(orders.history);
const history = openSync(orders.history, 'a');
let writes = 0;

/** The write-behind that many have written: a list, to which writers push, and from which workers pop what they save. */
async function main(): Promise<void> {
  const redis = createClient({ url: orders.redis, socket: { reconnectStrategy: 50 } });
  redis.on('error', () => undefined);
  await redis.connect();

  const write = async (): Promise<void> => {
    writes += 1;
    const id = `${orders.name}.${orders.life}.${writes}`;
    const key = `shared-${Math.floor(Math.random() ** 3 * 500)}`;
    writeLine(history, { begun: id, kind: 'set', key });
    try {
      const version = await redis.incr('version');
      await redis.lPush('queue', JSON.stringify({ key, id, version } satisfies Item));
      writeLine(history, { noted: id, version, key, kind: 'set' });
      writeLine(history, { accepted: id });
    } catch {
      await delay(20);
    }
  };
  const flush = async (): Promise<void> => {
    try {
      const popped = await redis.rPopCount('queue', 50);
      const items = new Map((popped ?? []).map((text) => JSON.parse(text) as Item).map((item) => [item.key, item]));
      for (const { key, id, version } of items.values()) {
        await pool.query(
          'insert into chaos_values (key, value, wb_ver) values ($1, $2, $3) on conflict (key) do update set value = excluded.value, wb_ver = excluded.wb_ver',
          [key, JSON.stringify({ id }), version],
        );
      }
      if (items.size === 0) await delay(20);
    } catch {
      await delay(20);
    }
  };
  const forever = async (work: () => Promise<void>): Promise<never> => {
    for (;;) await work();
  };
  process.send?.('ready');
  if (orders.role === 'flusher') void forever(flush);
  else for (let lane = 0; lane < orders.atOnce; lane += 1) void forever(write);
}

process.on('disconnect', () => process.exit());
void main();
