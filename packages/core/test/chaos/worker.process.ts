import { openSync } from 'node:fs';
import { createCache, fileLedger, type Ledger, memoryStore, startFlusher } from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import { poolOf } from '../support/database.ts';
import { beginAnew, type Kind, writeLine } from './history.ts';
import type { Orders } from './orders.ts';
import { resourcesOf } from './resources.ts';
import type { Value } from './source.ts';

const orders = JSON.parse(process.env['CHAOS_ORDERS']!) as Orders;
const pool = poolOf(orders.postgres);
beginAnew(orders.history);
const history = openSync(orders.history, 'a');
const { random } = Math;

const chosen: Ledger =
  orders.folder === undefined
    ? redisLedger({ url: orders.redis, deadline: 400 })
    : fileLedger({ folder: orders.folder, compactAfter: '64kb' });

/** The ledger, which also writes down which version a write was given. */
const ledger: Ledger = {
  ...chosen,
  open(context) {
    const book = chosen.open(context);
    const put = book.put.bind(book);
    book.put = async (write) => {
      const reply = await put(write);
      if (reply.state === 'accepted' && write.operation !== undefined && write.op !== 'merge') {
        const kind = write.op === 'save' ? 'set' : 'remove';
        writeLine(history, { noted: write.operation, version: reply.version, key: write.key, kind });
      }
      return reply;
    };
    return book;
  },
};

const cache = createCache({ namespace: 'chaos', tiers: [memoryStore()], maxLocalStaleness: 200 });
const [values, counters] = resourcesOf(cache, { ...orders, pool, ledger });
/** Ledgers of their own would each have a truth about a key of theirs. */
const of = orders.folder === undefined ? '' : `-${orders.name}`;

let writes = 0;

async function noted(kind: Kind, key: string, write: (id: string, seq: number) => Promise<unknown>): Promise<boolean> {
  writes += 1;
  const seq = writes;
  const id = `${orders.name}.${orders.life}.${seq}`;
  writeLine(history, { begun: id, kind, key });
  try {
    await write(id, seq);
    writeLine(history, { accepted: id });
    return true;
  } catch {
    // Whether it was noted is not known: it may turn up, once, or not at all.
    return false;
  }
}

const own = new Map<string, number>();
const busy = new Set<string>();

/** A key that this process alone writes: what it reads is never older than what it was told to be accepted. */
async function writeOwn(): Promise<void> {
  const key = `own-${orders.name}-${orders.life}-${Math.floor(random() * 200)}`;
  if (busy.has(key)) return;
  busy.add(key);
  try {
    let wrote = 0;
    const isAccepted = await noted('set', key, async (id, seq) => {
      wrote = seq;
      await values.set(key, { id, seq }, { opId: id });
    });
    if (isAccepted) own.set(key, wrote);
    const last = own.get(key);
    if (last === undefined || random() > 0.3) return;
    const read = await values.get(key).catch(() => undefined);
    if (read !== undefined && (read === null || read.seq < last)) {
      writeLine(history, { stale: key, got: read, wrote: String(last) });
    }
  } finally {
    busy.delete(key);
  }
}

/** Reads and counts up, as others do with the same keys. */
async function countUp(key: string): Promise<void> {
  await noted('update', key, (id, seq) => {
    let attempt = 0;
    const next = (value: Value | null): Value => {
      attempt += 1;
      const link = `${id}#${attempt}`;
      writeLine(history, { tried: link, of: id, after: value?.link });
      return { id, seq, link, count: (value?.count ?? 0) + 1 };
    };
    return values.update(key, next, { opId: id });
  });
}

async function writeSome(): Promise<void> {
  const dice = random();
  // Hot keys: most writes go to a few.
  const hot = Math.floor(random() ** 3 * 50);
  if (dice < 0.35) return writeOwn();
  if (dice < 0.55) {
    await noted('merge', `counter${of}-${hot % 10}`, (id) =>
      counters.merge(`counter${of}-${hot % 10}`, { count: 1, ids: [id] }),
    );
  } else if (dice < 0.63)
    await noted('remove', `shared${of}-${hot}`, (id) => values.remove(`shared${of}-${hot}`, { opId: id }));
  else if (dice < 0.65) {
    await noted('set', `poison${of}-${hot % 5}`, (id, seq) => values.set(`poison${of}-${hot % 5}`, { id, seq }, { opId: id })); // prettier-ignore
  } else if (dice < 0.73) await countUp(`tally${of}-${Math.floor(random() * 100)}`);
  else {
    await noted('set', `shared${of}-${hot}`, (id, seq) => values.set(`shared${of}-${hot}`, { id, seq }, { opId: id })); // prettier-ignore
  }
}

async function write(): Promise<never> {
  for (;;) await writeSome();
}

process.send?.('ready');
if (orders.role === 'flusher') startFlusher([values, counters]);
else for (let lane = 0; lane < orders.atOnce; lane += 1) void write();
// Its parent may be killed too: nobody is to stay behind.
process.on('disconnect', () => process.exit());
