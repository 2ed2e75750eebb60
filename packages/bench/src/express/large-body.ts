import { get } from 'node:http';
import { median } from '../measure/rounds.ts';
import type { Goal, Table } from '../runner/benchmark.ts';
import { startSubject } from './start.ts';

const chunks = 1_024;
const mebibyte = 1_024 ** 2;

/** A body of 64 MiB, which is streamed and not kept: how soon it begins, and what it leaves in memory. */
export async function* largeBody(): AsyncIterable<Table | Goal> {
  using child = startSubject('cacheResponse', 2_048);
  const url = `http://127.0.0.1:${await child.first}/stream/${chunks}`;
  await download(url);
  const before = await child.ask<NodeJS.MemoryUsage>('memory');
  const firstBytes: number[] = [];
  let peak = 0;
  for (let time = 0; time < 5; time += 1) {
    const [begun, highest] = await download(url, () => child.ask<NodeJS.MemoryUsage>('memory'));
    firstBytes.push(begun);
    peak = Math.max(peak, highest);
  }
  const first = median(firstBytes);
  const growth = (peak - before.rss) / mebibyte;
  yield {
    title: 'A body of 64 MiB',
    columns: [
      { name: 'ms to the first byte', digits: 1 },
      { name: 'MiB of memory', digits: 1 },
    ],
    rows: [{ name: 'cacheResponse', cells: [first, growth] }],
    notes: ['the median of five; memory: by how much the process is larger while it is streamed than it was before'],
  };
  yield { subject: 'The first byte of 64 MiB', side: '≤', bound: 50, of: 'ms', measured: first };
  yield { subject: 'Memory for 64 MiB', side: '≤', bound: 32, of: 'MiB', measured: growth };
}

/** Milliseconds until the first byte, and the memory that `look` has found at most. */
function download(url: string, look?: () => Promise<NodeJS.MemoryUsage>): Promise<[number, number]> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    let first = 0;
    let received = 0;
    let peak = Promise.resolve(0);
    get(url, { agent: false }, (response) => {
      response.on('data', (data: Buffer) => {
        first ||= performance.now() - begun;
        const quarter = Math.floor(received / (16 * mebibyte));
        received += data.length;
        if (look === undefined || Math.floor(received / (16 * mebibyte)) === quarter) return;
        peak = peak.then(async (highest) => Math.max(highest, (await look()).rss));
      });
      response.on('end', () => void peak.then((highest) => resolve([first, highest])));
    }).on('error', reject);
  });
}
