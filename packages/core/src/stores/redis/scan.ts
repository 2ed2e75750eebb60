import type { RedisCommands } from './connection.ts';
import { evaluate, script } from './script.ts';
import { slotOf } from './slot.ts';

/** How many keys of the whole server one page looks at. */
const perPage = 1_000;

// In a script, which goes to the server that has the slot of KEYS[1]: SCAN itself has no key to be sent by.
const page = script(`return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])`);

/**
 * The keys that begin with `prefix`, one page for each round trip, of one master after the other. It looks at every key
 * of each, and never at many of them in one go as KEYS does. `prefix` has no characters of patterns.
 */
export async function* scan(
  connection: RedisCommands,
  prefix: string,
): AsyncGenerator<readonly string[], void, undefined> {
  const masters = connection.sharded ? await keysOfMasters(connection, prefix) : [`${prefix}{0}`];
  for (const master of masters) {
    let cursor = '0';
    do {
      const [next, keys] = (await evaluate(connection, page, [master], [cursor, `${prefix}*`, String(perPage)])) as [
        Buffer,
        Buffer[],
      ];
      yield keys.map(String);
      cursor = String(next);
    } while (cursor !== '0');
  }
}

type SlotRange = readonly [first: number, last: number, master: readonly unknown[], ...replicas: unknown[]];

/** For each master of a cluster a key that it is asked by. */
async function keysOfMasters(connection: RedisCommands, prefix: string): Promise<string[]> {
  const ranges = (await connection.command(prefix, ['CLUSTER', 'SLOTS'])) as SlotRange[];
  const byMaster = new Map(
    ranges.map(([first, last, [host, port]]) => [`${String(host)} ${String(port)}`, [first, last] as const]),
  );
  return [...byMaster.values()].map(([first, last]) => {
    for (let tag = 0; ; tag += 1) {
      const key = `${prefix}{${tag}}`;
      const slot = slotOf(key);
      if (slot >= first && slot <= last) return key;
    }
  });
}
