import { inLanes } from '../../measure/lanes.ts';
import type { PeerName } from '../../peers/pinned.ts';
import type { OpenReader, Reader } from '../reader.ts';
import type { Site } from './site.ts';

/** How many gets are in flight at once. */
export const atOnce = 100;

/** A reader whose values are in Redis. */
export interface RemoteReader extends Reader {
  /** Gets keys that nobody waits for yet, all at once. */
  readonly together: (keys: readonly string[]) => Promise<readonly unknown[]>;
  /** Gets one batch of keys after the other, with as many gets in flight at any time as a batch has keys. */
  readonly inFlight: (batches: readonly (readonly string[])[]) => Promise<void>;
}

export type OpenRemote = (site: Pick<Site, 'url' | 'atEnd'>) => OpenReader<RemoteReader>;

/** A reader by the client of Redis that it uses, and the package that it needs. */
export interface RemoteReaderKind {
  readonly client: 'node-redis' | 'ioredis';
  readonly peer?: PeerName;
  readonly over: OpenRemote;
}

/** A reader by its way to get one key; `together` where it has a better one to get a batch, which is in flight as one. */
export function remote(
  name: string,
  get: (key: string) => Promise<unknown>,
  together?: (keys: readonly string[]) => Promise<unknown[]>,
): RemoteReader {
  return {
    name,
    get,
    together: together ?? ((keys) => Promise.all(keys.map(get))),
    async inFlight(batches) {
      const keys = batches.flat();
      if (together === undefined) return inLanes(keys.length, atOnce, (at) => get(keys[at]!));
      for (const batch of batches) await together(batch);
    },
    async read(keys) {
      for (const key of keys) await get(key);
    },
    async fill(keys) {
      for (const batch of inBatches(keys)) await Promise.all(batch.map(get));
    },
  };
}

/** As many keys at a time as are in flight at once. */
export function inBatches(keys: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(keys.length / atOnce) }, (_, index) =>
    keys.slice(index * atOnce, (index + 1) * atOnce),
  );
}
