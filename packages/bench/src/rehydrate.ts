import { inRounds, median, ratio } from './measure/rounds.ts';
import { hot, keys, opened, reading } from './readers/opened.ts';
import { Address, row, User } from './rehydrate/models.ts';
import { byHand, classTransformer, openers, plainClass } from './rehydrate/readers.ts';
import type { Benchmark } from './runner/benchmark.ts';

const shapes = [
  { name: 'a user', valueOf: row, most: 100_000, isJudged: false },
  {
    name: '100 users',
    valueOf: (id: number) => Array.from({ length: 100 }, () => row(id)),
    most: 2_000,
    isJudged: true,
  },
];

const notes = ['of one user the hit itself is a good part: what making instances takes is seen of a hundred'];

/** A hit that gives instances: eight fields, of which one is a Date and one an instance of another class. */
export const benchmark: Benchmark = {
  peers: [],
  async *run(peers) {
    for (const { name, valueOf, most, isJudged } of shapes) {
      // Few keys: the large values of all of them would keep the collector busy, and nobody reads them.
      const readers = await opened(openers, valueOf, peers, keys.slice(0, 100));
      for (const { name: reader, get } of readers) check(reader, await get(keys[0]!));
      const rounds = await inRounds(
        readers.map((reader) => reading(reader, hot)),
        { most },
      );
      for (const reader of readers) reader.checkHits();

      const columns = [
        { name: 'ns' },
        { name: '× by hand', digits: 2 },
        { name: 'times as fast as plainToInstance', digits: 1 },
      ];
      const rows = readers.map((reader) => ({
        name: reader.name,
        cells: [
          median(rounds.get(reader.name)!),
          ratio(rounds, reader.name, byHand),
          ratio(rounds, classTransformer, reader.name),
        ],
      }));
      yield { title: `A hit that gives instances: ${name}`, columns, rows, notes };
      if (!isJudged) continue;
      const measured = ratio(rounds, classTransformer, plainClass);
      yield { subject: `${classTransformer}, ${name}`, side: '≥', bound: 20, of: `× ${plainClass}`, measured };
    }
  },
};

/** @throws Error where it is not instances that were measured. */
function check(reader: string, value: unknown): void {
  for (const user of [value].flat()) {
    if (!(user instanceof User) || !(user.address instanceof Address) || !(user.createdAt instanceof Date)) {
      throw new Error(`${reader} gives no users`);
    }
  }
}
