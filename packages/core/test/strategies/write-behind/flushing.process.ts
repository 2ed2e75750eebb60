import { createCache, memoryStore, startFlusher } from '@cache/core';
import { poolOf } from '../../support/database.ts';
import { pagesIn } from './pages.ts';

/** Brings to Postgres what services have written, until it is told to end; then what is left. */
const [redis, postgres] = process.argv.slice(-2) as [string, string];
const pool = poolOf(postgres);
const cache = createCache({ namespace: 'flushing', tiers: [memoryStore()] });
startFlusher([pagesIn(cache, pool, redis, '20ms')]);

/** Its parent may be killed: nobody is to stay behind. */
const orphaned = (): void => process.exit(1);

async function end(): Promise<void> {
  const { unwritten } = await cache.close();
  await pool.end();
  process.off('disconnect', orphaned);
  process.send?.({ unwritten }, () => process.disconnect());
}

process.once('SIGTERM', () => void end());
process.on('disconnect', orphaned);
process.send?.('ready');
