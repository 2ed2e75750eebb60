import type { RedisServer } from '@cache/servers';
import { eventually } from './eventually.ts';

/**
 * Moves a slot of a cluster and all that is in it, and tells how many keys that was; `halfway` runs after the first one.
 * It ends once every node knows of it: a replica that did not would be denied the place of its master.
 */
export async function moveSlot(
  slot: number,
  nodes: readonly RedisServer[],
  [from, to]: readonly [RedisServer, RedisServer],
  halfway: () => Promise<unknown>,
): Promise<number> {
  const [fromId, toId] = await Promise.all([from, to].map((node) => node.command('CLUSTER', 'MYID')));
  await to.command('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId!);
  await from.command('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId!);
  const moveOne = async (): Promise<boolean> => {
    const key = await from.command('CLUSTER', 'GETKEYSINSLOT', String(slot), '1');
    if (key === '') return false;
    await from.command('MIGRATE', to.host, String(to.port), key, '0', '5000');
    return true;
  };
  let moved = Number(await moveOne());
  await halfway();
  while (await moveOne()) moved += 1;
  for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', String(slot), 'NODE', toId!);
  const know = nodes.map((node) =>
    eventually('the node knows who has the slot', async () =>
      (await slotsOf(node, toId!)).some(([first, last]) => first <= slot && slot <= last),
    ),
  );
  await Promise.all(know);
  return moved;
}

/** The ranges of slots that a master has, as one node knows it. */
async function slotsOf(node: RedisServer, masterId: string): Promise<(readonly [number, number])[]> {
  const lines = (await node.command('CLUSTER', 'NODES')).split('\n');
  const words =
    lines
      .find((line) => line.startsWith(masterId))
      ?.split(' ')
      .slice(8) ?? [];
  return words
    .filter((word) => /^\d/.test(word))
    .map((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return [first!, last!];
    });
}
