import { CacheError } from '../model/errors.ts';
import type { Ledger, LedgerBook, LedgerContext } from '../model/ledger.ts';
import { type Instant, LedgerState } from './ledger-state.ts';

/**
 * A ledger in the memory of this process. Its name says what it is: an accepted write lives as long as the process
 * does, and `close()` brings it to the source before that ends.
 */
export function memoryLedger(): Ledger {
  return { name: 'memory', scope: 'process', durability: [], open: memoryBook };
}

function memoryBook({ clock, ...limits }: LedgerContext): LedgerBook {
  const state = new LedgerState(limits);
  let closed = false;
  const call = async <T>(run: (now: Instant) => T): Promise<T> => {
    if (closed) throw new CacheError('CLOSED', 'the ledger is closed');
    return run({ at: clock.elapsed(), micros: clock.now() * 1_000 });
  };
  return {
    put: (write) => call((now) => state.put({ ...write, payload: Uint8Array.from(write.payload) }, now)),
    read: (keys) => call(() => keys.map((key) => state.read(key))),
    lease: (key, token, ttl) => call((now) => state.lease(key, token, ttl, now)),
    unlease: (key, token) => call((now) => state.unlease(key, token, now)),
    claim: (request) => call((now) => state.claim(request, now)),
    ack: (token, outcomes) =>
      call((now) => ({ settled: outcomes.map((each) => state.ack(token, each, now)), dirty: state.lines.size })),
    extend: (token, keys, lease) => call((now) => keys.filter((key) => state.extend(token, key, lease, now))),
    drain: (mark = String(state.last)) => call(() => ({ mark, left: state.hasBefore(Number(mark)) })),
    dead: (max, after) => call(() => state.dead(max, after)),
    redrive: (id) => call((now) => state.redrive(id, now)),
    discard: (id) => call(() => state.letters.delete(id)),
    stats: () => call((now) => state.figures(now)),
    close: async () => {
      closed = true;
    },
  };
}
