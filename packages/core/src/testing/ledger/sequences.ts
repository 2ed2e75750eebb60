import { memoryLedger } from '../../ledgers/memory-ledger.ts';
import { systemClock } from '../../model/clock.ts';
import type { DirtyWrite, LedgerBook, LedgerFigures } from '../../model/ledger.ts';
import { promised } from '../contract.ts';
import { type Random, seededRandom } from '../random.ts';
import { type Cases, long } from './scene.ts';

const steps = 60;
const keys = ['a', 'b', 'c', 'd'];

/** One ledger of the two that are to go the same way. Versions, tokens and ids are told by when they first came up. */
class Side {
  readonly book: LedgerBook;
  readonly #versions: number[] = [];

  constructor(book: LedgerBook) {
    this.book = book;
  }

  /** The place of a version among those that were given. */
  place(version: number): number {
    if (version === 0) return -1;
    if (!this.#versions.includes(version)) this.#versions.push(version);
    return this.#versions.indexOf(version);
  }

  versionAt(place: number): number {
    return this.#versions[place] ?? 0;
  }

  /** A reply with no more in it than both can have in common. */
  plain(reply: unknown): unknown {
    if (reply instanceof Uint8Array) return Buffer.from(reply).toString();
    if (Array.isArray(reply)) return reply.map((each) => this.plain(each));
    if (typeof reply !== 'object' || reply === null) return reply;
    const fields = Object.entries(reply).filter(([name, value]) => value !== undefined && !clocked.has(name));
    return Object.fromEntries(
      fields.map(([name, value]) => [name, name === 'version' ? this.place(value as number) : this.plain(value)]),
    );
  }
}

const clocked = new Set(['next', 'oldest', 'id', 'mark']);

type Step = (side: Side) => Promise<unknown>;

export const sequences: Cases = {
  'random sequences of operations go as they go for the model': async (scene) => {
    const { seed = 1, runs = 20 } = scene.options;
    for (let run = 0; run < runs; run += 1) {
      const resource = `sequence-${run}`;
      const told = { lost: () => undefined, report: () => undefined };
      const context = { namespace: 'model', resource, clock: systemClock, due: long, max: 3, ...told };
      const sides = [new Side(memoryLedger().open(context)), new Side(scene.open({ due: long, max: 3 }, resource))];
      const random = seededRandom(seed * 10_007 + run);
      const done: string[] = [];
      for (let step = 0; step < steps; step += 1) {
        const [name, take] = stepOf(random, step);
        done.push(name);
        const [expected, came] = await Promise.all(sides.map(async (side) => side.plain(await take(side))));
        promised(`after ${done.join(', ')} (run ${run} of seed ${seed}) it answers as the model does`, came, expected);
      }
    }
  },
};

function stepOf(random: Random, step: number): [name: string, step: Step] {
  const key = random.pick(keys);
  const token = `t${random.integer(4)}`;
  const place = random.integer(step + 1);
  const given = random.integer(3);
  switch (random.integer(12)) {
    case 0:
    case 1:
    case 2: {
      const [name, write] = writeOf(random, step);
      return [`put ${name}`, (side) => side.book.put(write(side))];
    }
    case 3:
      return [`lease ${key}`, ({ book }) => book.lease(key, token, long)];
    case 4: {
      const writes = Array.from({ length: 2 + random.integer(5) }, () => writeOf(random, step));
      const put = async (side: Side): Promise<unknown[]> => {
        const replies = await Promise.all(writes.map(([, write]) => side.book.put(write(side))));
        // How many are unwritten is known when all are made.
        return replies.map(({ dirty: _dirty, ...reply }) => reply);
      };
      return [`put at once ${writes.map(([name]) => name).join(' and ')}`, put];
    }
    case 5:
    case 6: {
      const max = random.integer(2) === 0 ? 10 : 0;
      const request = { token, max: max + 1, lease: long, all: true };
      // Which of several is claimed first depends on the clock.
      if (max === 0) return [`read all`, ({ book }) => book.read(keys)];
      return [`claim as ${token}`, async ({ book }) => byKey((await book.claim(request)).records)];
    }
    case 7:
    case 8: {
      const result = random.pick(['ok', 'retry', 'dead'] as const);
      const outcomes = keys.map((each) => ({ key: each, result, after: 0, counts: place % 2 === 0, error: 'x' }));
      const some = outcomes.slice(0, 1 + random.integer(keys.length));
      return [`${result} of ${some.length} as ${token}`, ({ book }) => book.ack(token, some)];
    }
    case 9:
      return [
        `redrive, or discard`,
        async ({ book }) => {
          const letters = await book.dead(10);
          const id = letters[place % Math.max(1, letters.length)]?.id ?? 'none';
          return [letters, given === 0 ? await book.discard(id) : await book.redrive(id)];
        },
      ];
    default:
      return [
        `look`,
        async ({ book }): Promise<[unknown, LedgerFigures, string[]]> => {
          return [await book.read(keys), await book.stats(), (await book.extend(token, keys, long)).sort()];
        },
      ];
  }
}

/** A write, perhaps on a condition, or of an operation that was there before. */
function writeOf(random: Random, step: number): [name: string, write: (side: Side) => DirtyWrite] {
  const key = random.pick(keys);
  const op = random.pick(['save', 'save', 'remove', 'merge'] as const);
  const operation = random.integer(4) === 0 ? `op${random.integer(6)}` : undefined;
  const lease = random.integer(5) === 0 ? `t${random.integer(4)}` : undefined;
  const [place, given] = [random.integer(step + 1), random.integer(3)];
  const payload = Buffer.from(String(random.integer(1_000)));
  const name = [op, key, operation, lease].filter((each) => each !== undefined).join(' ');
  const version = (side: Side): number | undefined =>
    given === 0 ? side.versionAt(place) : given === 1 ? 0 : undefined;
  return [name, (side) => ({ key, op, payload, operation, lease, given: version(side) })];
}

function byKey<T extends { readonly key: string }>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => (a.key < b.key ? -1 : 1));
}
