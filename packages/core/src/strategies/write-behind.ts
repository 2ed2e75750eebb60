import { Acceptor } from '../engine/acceptor.ts';
import { DirtyOverlay } from '../engine/dirty-overlay.ts';
import { FlushFigures } from '../engine/flush-figures.ts';
import { Flusher } from '../engine/flusher.ts';
import type { Isolation } from '../engine/isolation.ts';
import { loadAnew } from '../engine/load-anew.ts';
import { Merger } from '../engine/merger.ts';
import { Payloads } from '../engine/payload.ts';
import { type DirtyItem, markedIn, SourceWriter } from '../engine/source-writer.ts';
import type { Strategy, StrategyContext } from '../engine/strategy.ts';
import { type Merging, UnwrittenView } from '../engine/unwritten-view.ts';
import { isTransient } from '../engine/transient.ts';
import { Updater } from '../engine/updater.ts';
import type { ClaimedRecord, LedgerBook } from '../model/ledger.ts';
import type { Key } from '../model/key.ts';
import { parseWriteBehind, type WriteBehindOptions } from './write-behind-options.ts';
import { WriteBehindResource } from './write-behind-resource.ts';

type Parsed<K extends Key> = ReturnType<typeof parseWriteBehind<K, unknown, unknown>>;

/**
 * Write-behind, also called write-back: `set` resolves once the ledger has the write, and the source gets the newest
 * value of each key later, in batches. Reads see what was written at once. What outlives a crash is the ledger's promise.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function writeBehind<K extends Key, V, D = never>(
  options: WriteBehindOptions<K, V, D>,
): Strategy<WriteBehindResource<K, V, D>> {
  const parsed = parseWriteBehind(options);
  return { open: (context) => open<K, V, D>(context, parsed) };
}

/** Counting: changes are numbers, and are added to a number that is 0 where there is none. */
export const addition = {
  combine: (one: number, other: number): number => one + other,
  apply: (value: number | null, change: number): number => (value ?? 0) + change,
};

function open<K extends Key, V, D>(context: StrategyContext, parsed: Parsed<K>): WriteBehindResource<K, V, D> {
  const { name: resource, clock, events, random } = context;
  const { ledger, flush, retry, backPressure, durability, saveMany, removeMany, merge, onConflict, source, ...rest } =
    parsed;
  const book = ledger.open({
    namespace: context.namespace,
    resource,
    clock,
    due: flush.after,
    max: backPressure.max,
    maxAge: backPressure.maxAge,
    lost: (reason) => events.emit('ledgerLost', { resource, reason }),
    report: (error) => events.emit('ledgerError', { resource, error }),
  });
  const payloads = new Payloads(context.serializer);
  const merging = merge as Merging | undefined;
  const isShared = ledger.scope === 'shared';
  const load = (key: string): Promise<unknown> =>
    loadAnew(source, key as K, { resource, clock, timeout: parts.engine.policy.hardTimeout });
  const viewOf = (isolation: Isolation): UnwrittenView =>
    new UnwrittenView({ resource, book, clock, payloads, isolation, merging, load });
  const parts = context.parts<K>(rest, source, (far, isolation, trust) => {
    const others = isShared ? trust : undefined;
    return new DirtyOverlay({ book, view: viewOf(isolation), clock, others }, far);
  });
  const { engine, shared } = parts;
  const { isolation } = engine;
  const writer = new SourceWriter({ payloads, isolation, save: saveMany, remove: removeMany, merge: merge?.saveMany });
  const figures = new FlushFigures();
  const forget = (key: string): Promise<unknown> => engine.forget(key as K);
  const flusher = new Flusher({
    resource,
    book,
    clock,
    events,
    random,
    figures,
    retry,
    max: flush.max,
    after: flush.after,
    lease: flush.lease,
    maxAttempts: retry.attempts,
    poll: isShared ? Math.min(flush.after, 1_000) : undefined,
    isTransient: retry.isTransient ?? isTransient,
    write: (records, signal) => writer.write(records, signal),
    around: (records, run) => markedIn(shared, records, run),
    forget,
    async conflicted(record, version) {
      figures.conflicts += 1;
      events.emit('conflict', { resource, key: record.key, version: record.version });
      const isOurs = onConflict !== undefined && onConflict(itemOf(record), version) === 'ours';
      if (isOurs) await putAgain(book, record, version);
      else await forget(record.key);
    },
  });
  const itemOf = ({ key, payload, version, op }: ClaimedRecord): DirtyItem<unknown> => {
    const value = op === 'remove' ? null : payloads.decode(payload);
    return { key, version, opId: `${version}:${key}`, value };
  };
  const acceptor = new Acceptor({
    resource,
    book,
    clock,
    random,
    figures,
    backPressure,
    noted: (dirty) => flusher.noted(dirty),
    writeThrough: (record) => markedIn(shared, [record], () => writer.writeThrough(record)),
  });
  context.onClose(async (ms) => {
    const left = await flusher.drain(ms);
    await book.close();
    return left;
  });
  if (flush.inProcess) flusher.start();
  const view = viewOf(isolation);
  const merger = merging && new Merger({ acceptor, payloads, merging, view });
  const wake = (): void => flusher.noted(Infinity);
  const updater = new Updater<K>({ resource, book, clock, random, view, isolation, load, wake });
  const removes = removeMany !== undefined;
  const tools = { acceptor, book, durability, figures, flusher, ledger, merger, payloads, removes, updater };
  return new WriteBehindResource<K, V, D>(parts, tools);
}

/** The same value under a version that is newer than the source's, unless it was written anew meanwhile. */
async function putAgain(book: LedgerBook, record: ClaimedRecord, version: number | undefined): Promise<void> {
  const { key, op, payload } = record;
  const above = Math.max(record.version, version ?? 0);
  await book.put({ key, op, payload, given: op === 'merge' ? 0 : record.version, above });
}
