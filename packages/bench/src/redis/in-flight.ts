import { joined, median, ratio, type Rounds } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { atOnce } from '../readers/redis/remote.ts';
import type { Site } from '../readers/redis/site.ts';
import type { Goal, Table } from '../runner/benchmark.ts';
import { type Contestant, takingTurns } from './contestants.ts';

/** Processes of one program differ by more than their rounds do: each contestant has so many. */
const heats = 3;

const limit = 'the limit: one MGET';
const raw = { 'node-redis': 'node-redis, GET', ioredis: 'ioredis, GET' } as const;
const ours = { 'node-redis': 'resource.get', ioredis: 'resource.get on ioredis' } as const;

/** A hundred gets that are in flight at any time, as in a server that answers as many requests. */
export async function* inFlight(peers: Peers, site: Site): AsyncIterable<Table | Goal> {
  let contestants: readonly Contestant[] = [];
  const told: Rounds[] = [];
  while (told.length < heats) {
    const heat = await takingTurns(site.url, peers, { rounds: 15, turnMs: 60, most: 200 });
    await site.clear();
    contestants = heat.contestants;
    told.push(heat.rounds);
  }
  const rounds = joined(told);

  const columns = [
    { name: 'reads/s' },
    { name: 'µs a read', digits: 2 },
    { name: '× node-redis, GET', digits: 2 },
    { name: '× the limit', digits: 2 },
  ];
  const rows = contestants.map(({ name }) => {
    const µs = median(rounds.get(name)!) / 1e3 / atOnce;
    return { name, cells: [1e6 / µs, µs, ratio(rounds, raw['node-redis'], name), ratio(rounds, limit, name)] };
  });
  const notes = [
    `${atOnce} callers, each of whom asks for another key when it has its own; × is reads/s beside theirs`,
    `each has a process of its own, and another one in each of ${heats} heats`,
    `the limit asks for ${atOnce} keys at once, and when they have come for the next`,
    'cache-manager and keyv are on node-redis 5, catbox and bentocache on ioredis 5',
  ];
  yield { title: `A hit in Redis, ${atOnce} in flight: 1 KB of JSON, parsed`, columns, rows, notes };
  const peersThere = contestants.filter(({ kind }) => kind.peer !== undefined);
  yield* goals(rounds, new Map(peersThere.map(({ name, kind }) => [name, kind.client])));
}

function* goals(rounds: Rounds, clients: ReadonlyMap<string, string>): Iterable<Goal> {
  const best = fastest(rounds, [...clients.keys()]);
  yield atLeast(1.5, best ?? 'the best peer', rounds, ours['node-redis']);
  yield atLeast(2.5, 'bentocache', rounds, ours['node-redis']);
  for (const client of ['node-redis', 'ioredis'] as const) {
    const on = [...clients].filter((each) => each[1] === client).map(([name]) => name);
    const peer = fastest(rounds, on);
    yield atLeast(1.5, peer ?? `the best peer on ${client}`, rounds, ours[client]);
  }
}

function atLeast(bound: number, peer: string, rounds: Rounds, subject: string): Goal {
  const of = `× ${peer}, ${atOnce} in flight`;
  return { subject, side: '≥', bound, of, measured: ratio(rounds, peer, subject) };
}

/** Who takes the least time on the middle of all rounds. */
function fastest(rounds: Rounds, names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => median(rounds.get(a)!) - median(rounds.get(b)!))[0];
}
