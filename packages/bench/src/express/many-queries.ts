import { Agent, get } from 'node:http';
import type { Goal, Table } from '../runner/benchmark.ts';
import { startSubject } from './start.ts';

const queries = 100_000;
const hotPages = 100;
const mebibyte = 1_024 ** 2;

/** A hundred thousand distinct query strings, while a hundred pages are asked for again and again. */
export async function* manyQueries(): AsyncIterable<Table | Goal> {
  using child = startSubject('cacheResponse', 2_048);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const base = `http://127.0.0.1:${await child.first}/`;
  const ask = (query: string): Promise<boolean> => isHit(`${base}?${query}`, agent);
  for (let page = 0; page < hotPages; page += 1) {
    await ask(`hot=${page}`);
    await ask(`hot=${page}`);
  }
  const before = await child.ask<NodeJS.MemoryUsage>('memory');
  let hits = 0;
  let asked = 0;
  for (let query = 0; query < queries; query += 50) {
    const busting = Array.from({ length: 50 }, (_, at) => ask(`bust=${query + at}`));
    const hot = Array.from({ length: 10 }, (_, at) => ask(`hot=${(query / 5 + at) % hotPages}`));
    await Promise.all(busting);
    for (const hit of await Promise.all(hot)) {
      asked += 1;
      if (hit) hits += 1;
    }
  }
  const after = await child.ask<NodeJS.MemoryUsage>('memory');
  agent.destroy();
  const growth = (after.heapUsed + after.external - before.heapUsed - before.external) / mebibyte;
  const ratio = hits / asked;
  yield {
    title: `${queries} distinct query strings, and ${hotPages} hot pages, in a memory of 10 000 entries and 64 MB`,
    columns: [
      { name: 'MiB of memory', digits: 1 },
      { name: 'hot pages hit', digits: 3 },
    ],
    rows: [{ name: 'cacheResponse', cells: [growth, ratio] }],
  };
  yield { subject: 'Memory after 100 000 queries', side: '≤', bound: 80, of: 'MiB', measured: growth };
  yield { subject: 'Hot pages among them', side: '≥', bound: 0.95, of: 'of them hit', measured: ratio };
}

function isHit(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(/; hit/.test(String(response.headers['cache-status']))));
    }).on('error', reject);
  });
}
