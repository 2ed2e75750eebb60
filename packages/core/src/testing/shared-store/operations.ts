import type { TagClock } from '../../model/entry.ts';
import type { SharedSpace } from '../../model/store.ts';
import type { Random } from '../random.ts';
import { long } from './scene.ts';

/** A namespace that two processes have opened, and the clocks of tags it has told, by which its instants are named. */
export interface Fleet {
  readonly spaces: readonly [SharedSpace, SharedSpace];
  readonly clocks: TagClock[];
}

/** One operation, to be done to several stores alike; its answer has nothing in it that is a store's own. */
export interface Operation {
  readonly does: string;
  readonly to: (fleet: Fleet) => Promise<unknown>;
}

const tags = ['#a', '#b', '#c'];
const frames = ['x'.repeat(80), 'y'.repeat(80), 'z'];
const often = [
  'lease',
  'lease',
  'lease past',
  'fill',
  'fill',
  'replace',
  'release',
  'extend',
  'mark',
  'commit',
  'commit',
] as const;
const rarely = ['end', 'evict', 'read', 'invalidate', 'tags'] as const;

/** Random operations on few addresses, with tokens that were given shortly before: so loads and writers meet. */
export class Operations {
  readonly #random: Random;
  readonly #addresses: readonly string[];
  #tokens = 0;

  constructor(random: Random, addresses: readonly string[]) {
    this.#random = random;
    this.#addresses = addresses;
  }

  /** `clocks` is how many clocks of tags have been told. */
  next(clocks: number): Operation {
    const random = this.#random;
    const kind = random.pick([...often, ...rarely]);
    const [process, address, text] = [random.integer(2), random.pick(this.#addresses), random.pick(frames)];
    const begins = kind === 'lease' || kind === 'lease past' || kind === 'mark';
    const token = begins ? `token ${(this.#tokens += 1)}` : `token ${this.#tokens - random.integer(3)}`;
    const several = [...new Set([random.pick(kind === 'invalidate' ? tags : this.#addresses), address])];
    const since = random.integer(clocks);
    const [value, ttl, seen] = [{ frame: Buffer.from(text), ttl: long }, long, Buffer.from(random.pick(frames))];
    const act: Record<typeof kind, (space: SharedSpace, told: TagClock[]) => Promise<unknown>> = {
      lease: (space) => space.lease(address, { token, ttl }),
      'lease past': (space) => space.lease(address, { token, ttl, seen: value.frame }),
      fill: (space) => space.fill(address, { token, ...value }),
      replace: (space) => space.replace(address, { seen, ...value }),
      release: (space) => space.release(address, token),
      extend: (space) => space.extend(address, token, ttl),
      mark: (space) => space.mark(several, token, ttl),
      commit: (space) => space.commit(address, token, value),
      end: (space) => space.commit(address, token),
      evict: (space) => space.evict(several),
      read: async (space) => (await space.read([...several, ...several])).frames,
      invalidate: async (space, told) => named(told, told.push(await space.invalidate(several)) - 1),
      tags: async (space, told) => {
        const { clock, instants } = await space.tags(told[since]!);
        const index = (at: number): number => told.findIndex((each) => each.at === at);
        return [named(told, index(clock.at)), new Map([...instants].map(([tag, at]) => [tag, index(at)]))];
      },
    };
    return {
      does: `process ${process}: ${kind} ${several.join(' and ')}, ${token}, ${text.slice(0, 1)}, instant ${since}`,
      to: async ({ spaces, clocks: told }) => plain(await act[kind](spaces[process]!, told)),
    };
  }
}

/** A clock by which of those that were told it is, and whether it is of the first one's generation. */
function named(told: readonly TagClock[], index: number): unknown {
  return { instant: index, sameGeneration: told[index]?.generation === told[0]!.generation };
}

/** Bytes as text. */
function plain(answer: unknown): unknown {
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString();
  if (Array.isArray(answer)) return answer.map(plain);
  if (answer instanceof Map) return answer;
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, plain(value)]));
}
