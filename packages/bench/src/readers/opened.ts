import type { Contestant } from '../measure/rounds.ts';
import { seeded } from '../measure/random.ts';
import { zipf } from '../measure/zipf.ts';
import type { Peers } from '../peers/install.ts';
import type { OpenReader, Reader } from './reader.ts';

/** Ten thousand products, and who is asked for: one of them all the time, or all of them as popularity has it. */
export const keys: readonly string[] = Array.from({ length: 10_000 }, (_, id) => `product:${id}`);
const draw = zipf(keys.length, 0.99, seeded(1));
export const popular: readonly string[] = Array.from({ length: 100_000 }, () => keys[draw()]!);
export const hot: readonly string[] = Array.from({ length: 100_000 }, () => keys[42]!);

/** A reader that has loaded every key once, so that from now on it hits. */
export interface Opened extends Reader {
  /** @throws Error where it has loaded anything since: then it was not hits that were measured. */
  readonly checkHits: () => void;
}

/** Opens readers over values by their place among the keys that are filled. */
export async function opened<R extends Reader>(
  openers: readonly OpenReader<R>[],
  valueOf: (id: number) => unknown,
  peers: Peers,
  filled: readonly string[] = keys,
): Promise<(R & Opened)[]> {
  const values = new Map(filled.map((key, id) => [key, valueOf(id)]));
  const readers: (R & Opened)[] = [];
  // One after the other: who fills beside all others may take so long that it passes a deadline, and leaves a key out.
  for (const open of openers) {
    let loads = 0;
    const load = async (key: string): Promise<unknown> => {
      loads += 1;
      return values.get(key);
    };
    const reader = await open(load, peers);
    await (reader.fill ?? reader.read)(filled);
    const checkHits = (): void => {
      if (loads !== filled.length) throw new Error(`${reader.name} loaded ${loads} times for ${filled.length} keys`);
    };
    readers.push({ ...reader, checkHits });
  }
  return readers;
}

/** A reader that takes turns at some keys. */
export function reading({ name, read }: Reader, keys: readonly string[]): Contestant {
  return { name, run: (operations) => read(keys.slice(0, operations)) };
}
