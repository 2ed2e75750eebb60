import { installPeers } from '../peers/install.ts';
import { keys, opened } from '../readers/opened.ts';
import { inBatches, type RemoteReader } from '../readers/redis/remote.ts';
import { plainValue } from '../readers/values.ts';
import { kinds, peerNames, type Told } from './contestants.ts';

// One reader, in a process of its own. It tells its name once Redis has its values, and then does what it is told.
const [place = '', url = ''] = process.argv.slice(2);
const site = { url, atEnd: () => undefined };
const [reader] = await opened([kinds[Number(place)]!.over(site)], plainValue, await installPeers(peerNames));
const batches = inBatches(keys);
await checkParsed(reader!);
let next = 0;

async function work(told: Told): Promise<void> {
  if (told === 'check') return reader!.checkHits();
  await reader!.inFlight(Array.from({ length: told }, () => batches[next++ % batches.length]!));
}

/** @throws Error where a reader gives something else than the objects that were loaded. */
async function checkParsed({ name, together }: RemoteReader): Promise<void> {
  const [first] = batches;
  const expected = JSON.stringify(first!.map((_, id) => plainValue(id)));
  if (JSON.stringify(await together(first!)) !== expected) throw new Error(`${name} gives other values`);
}

process.on('message', (told: Told) => void work(told).then(() => process.send!('done')));
process.on('disconnect', () => process.exit());
process.send!(reader!.name);
