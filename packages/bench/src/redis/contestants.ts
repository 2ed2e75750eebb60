import { join } from 'node:path';
import { Child } from '../measure/child.ts';
import { inRounds, type Rounds, type RoundsOptions } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import type { PeerName } from '../peers/pinned.ts';
import { bentocache } from '../readers/redis/bentocache.ts';
import { cacheManager } from '../readers/redis/cache-manager.ts';
import { catbox } from '../readers/redis/catbox.ts';
import { keyv } from '../readers/redis/keyv.ts';
import { onIoredis, onNodeRedis } from '../readers/redis/ours.ts';
import { oneMget, rawIoredis, rawNodeRedis } from '../readers/redis/raw.ts';
import type { RemoteReaderKind } from '../readers/redis/remote.ts';

/** What the peers among the contestants need. */
export const peerNames: readonly PeerName[] = [
  '@hapi/catbox',
  '@hapi/catbox-redis',
  '@keyv/redis',
  'bentocache',
  'cache-manager',
  'ioredis',
];

export const kinds: readonly RemoteReaderKind[] = [
  { client: 'node-redis', over: oneMget },
  { client: 'node-redis', over: rawNodeRedis },
  { client: 'ioredis', over: rawIoredis },
  { client: 'node-redis', over: onNodeRedis },
  { client: 'ioredis', over: onIoredis },
  catbox,
  bentocache,
  cacheManager,
  keyv,
];

/** What a contestant is told: to keep the gets of so many batches in flight, or to check that all it has got were hits. */
export type Told = number | 'check';

/** A kind of reader in a process of its own. */
export interface Contestant {
  readonly kind: RemoteReaderKind;
  readonly name: string;
}

/**
 * Lets all kinds of readers take turns at batches, each in a process of its own: as in a server, where nobody else's
 * garbage is to be collected, and code that all of them share is compiled for one of them. Those are left out whose
 * package is missing.
 */
export async function takingTurns(
  url: string,
  peers: Peers,
  options: RoundsOptions,
): Promise<{ readonly contestants: readonly Contestant[]; readonly rounds: Rounds }> {
  const program = join(import.meta.dirname, 'contestant-process.js');
  const children: (Contestant & { readonly child: Child<string> })[] = [];
  try {
    for (const [place, kind] of kinds.entries()) {
      if (kind.peer !== undefined && !peers.has(kind.peer)) continue;
      const child = new Child<string>(program, [String(place), url]);
      children.push({ kind, child, name: await child.first });
    }
    const turns = children.map(({ name, child }) => ({ name, run: (batches: number) => tell(child, batches) }));
    const rounds = await inRounds(turns, options);
    for (const { child } of children) await tell(child, 'check');
    return { contestants: children, rounds };
  } finally {
    for (const { child } of children) child[Symbol.dispose]();
  }
}

function tell(child: Child<string>, told: Told): Promise<void> {
  return child.ask(told);
}
