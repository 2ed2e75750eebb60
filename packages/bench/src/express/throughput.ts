import { median } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import type { Goal, Table } from '../runner/benchmark.ts';
import { startLoad, startSubject } from './start.ts';
import type { Child } from '../measure/child.ts';
import { subjects } from './subjects.ts';

const sizes = [
  { bytes: 2_048, title: '2 KB', bound: 0.9, inFront: 5 },
  { bytes: 102_400, title: '100 KB', bound: 0.95, inFront: 4.5 },
];
/** Of what a bare server has, that much is enough: where it is less than the goal, no cache could reach that. */
const shareOfLimit = 0.8;
const rounds = 15;
/** Before those, for the compiler: what it has not come to yet costs several times as much. */
const roundsBefore = 5;
/** One turn of a contestant: with fewer, to accept its connections would be much of it. */
const requests = 6_000;

/**
 * Hits over 50 connections, in turns. What is compared is the time that the server has the processor for one of them:
 * whatever else the machine does hardly touches that.
 */
export async function* throughput(peers: Peers): AsyncIterable<Table | Goal> {
  using load = startLoad();
  await load.first;
  for (const { bytes, title, bound, inFront } of sizes) {
    const servers = new Map<string, { child: Child<number>; port: number; figures: number[]; rates: number[] }>();
    for (const { name, peer } of subjects) {
      if (peer !== undefined && !peers.has(peer)) continue;
      const child = startSubject(name, bytes);
      servers.set(name, { child, port: await child.first, figures: [], rates: [] });
    }
    const all = [...servers.values()];
    for (let round = -roundsBefore; round < rounds; round += 1) {
      for (let place = 0; place < all.length; place += 1) {
        const each = all[(place + round + roundsBefore) % all.length]!;
        const before = await each.child.ask<number>('processor');
        const seconds = await load.ask<number>({ port: each.port, bytes, requests });
        const after = await each.child.ask<number>('processor');
        if (round < 0) continue;
        each.figures.push((after - before) / requests);
        each.rates.push(requests / seconds);
      }
    }
    for (const { child } of all) child[Symbol.dispose]();
    const minimal = servers.get('minimal middleware')!.figures;
    const ratioOf = (figures: number[], to = minimal): number =>
      median(figures.map((figure, round) => to[round]! / figure));
    yield {
      title: `Hits of ${title}, 50 connections`,
      columns: [{ name: 'requests/s' }, { name: 'µs each', digits: 1 }, { name: '× minimal', digits: 2 }],
      rows: [...servers].map(([name, { figures, rates }]) => ({
        name,
        cells: [median(rates), median(figures), ratioOf(figures)],
      })),
      notes: [
        'µs each: of the processor, in the server; each server and the load have a process',
        `× minimal: as many requests in the same time of the processor; the median of the ratios of ${rounds} rounds`,
      ],
    };
    const measured = ratioOf(servers.get('cacheResponse')!.figures);
    yield { subject: `cacheResponse, ${title}`, side: '≥', bound, of: '× the minimal middleware', measured };
    const apicache = servers.get('apicache')?.figures;
    if (apicache === undefined) continue;
    const ahead = ratioOf(servers.get('front')!.figures, apicache);
    const most = ratioOf(servers.get('node:http')!.figures, apicache);
    const goal = Math.min(inFront, shareOfLimit * most);
    const of = `× apicache; node:http itself has ${most.toFixed(1)}`;
    yield { subject: `front, ${title}`, side: '≥', bound: Number(goal.toFixed(2)), of, measured: ahead };
  }
}
