import { CacheError, messageOf, shown } from './errors.ts';
import { func, insteadOf } from './options.ts';

/** What a cache tells of itself, by event. Nothing here ever carries a value. */
export interface CacheEvents {
  /** A read had to wait for the source, because no tier had a value to give. */
  miss: { readonly resource: string; readonly key: string };
  /** A loader answered. `ms` is what it took. */
  load: { readonly resource: string; readonly key: string; readonly ms: number };
  /** A loader threw, or took too long; the same error reached the callers, unless they were given an older value. */
  loadError: { readonly resource: string; readonly key: string; readonly error: unknown };
  /** An older value was given out, because the source failed (now or a moment ago) or was too slow; see `grace`. */
  grace: { readonly resource: string; readonly key: string; readonly reason: 'error' | 'timeout' };
  /** A loaded value was not put into the shared tier because a newer write came first, or its lease had run out. */
  fillRefused: { readonly resource: string; readonly key: string };
  /** A value was given to the caller but not to this tier, which could not give it back in the same shape. */
  unstorable: { readonly resource: string; readonly key: string; readonly error: CacheError };
  /** A value was not kept in this tier: it is larger than all of memory, or than the `maxValueBytes` of the store. */
  tooLarge: { readonly resource: string; readonly key: string; readonly store: string };
  /** A value in a shared tier was passed over, because the schema of its resource refuses it. */
  invalidValue: { readonly resource: string; readonly key: string; readonly error: CacheError };
  /** A shared tier failed or passed its deadline; the caller was served without it. */
  storeError: { readonly store: string; readonly error: unknown };
  /** A shared tier failed so often that it is not asked until a probe succeeds. */
  storeDown: { readonly store: string; readonly error: unknown };
  /** A shared tier answers again, and every deletion that it had missed by then has been made. */
  storeUp: { readonly store: string };
  /**
   * A hit could not be counted for all processes, since the shared tier failed; what was to be done then, was done: it
   * was allowed (`open`), refused (`closed`), or counted in this process (`local`).
   */
  uncounted: { readonly counters: string; readonly policy: 'open' | 'closed' | 'local'; readonly error: unknown };
  /** A deletion could not be sent; the key is not served from the shared tier until it has been. */
  evictionPending: { readonly store: string; readonly pending: number };
  /** Changes by other processes are heard of from now on: memory is believed until one is. */
  busUp: { readonly bus: string };
  /** They are not any longer, and memory is believed for `maxLocalStaleness` only. `silence` is a bus that froze. */
  busDown: { readonly bus: string; readonly reason: 'disconnected' | 'silence' };
  /** Messages of another process were missed, or it fell silent without a word: what memory had is looked at once more. */
  busGap: { readonly bus: string; readonly reason: 'gap' | 'silence' };
  /** A batch of a write-behind resource reached the source. */
  flush: { readonly resource: string; readonly count: number; readonly ms: number };
  /** A batch of a write-behind resource did not reach the source; it is tried again after `retryIn` milliseconds. */
  flushError: { readonly resource: string; readonly count: number; readonly error: unknown; readonly retryIn: number };
  /** A write was given up, because the writer rejected it or refused it too often; see `listDead`. */
  deadLetter: { readonly resource: string; readonly key: string; readonly attempts: number; readonly error: unknown };
  /** The source had a newer version than the one that was to be written; see `onConflict`. */
  conflict: { readonly resource: string; readonly key: string; readonly version: number };
  /** A ledger failed in the background; what it has noted is tried again. */
  ledgerError: { readonly resource: string; readonly error: unknown };
  /** A ledger is not the one it was: what it had accepted is gone. */
  ledgerLost: { readonly resource: string; readonly reason: string };
}

export type EventName = keyof CacheEvents;

const names: Readonly<Record<EventName, true>> = {
  miss: true,
  load: true,
  loadError: true,
  grace: true,
  fillRefused: true,
  unstorable: true,
  tooLarge: true,
  invalidValue: true,
  storeError: true,
  storeDown: true,
  storeUp: true,
  uncounted: true,
  evictionPending: true,
  busUp: true,
  busDown: true,
  busGap: true,
  flush: true,
  flushError: true,
  deadLetter: true,
  conflict: true,
  ledgerError: true,
  ledgerLost: true,
};

export type EventListener<N extends EventName> = (event: CacheEvents[N]) => void;

/** Hands events to listeners. A listener that throws is reported as a process warning and harms nobody else. */
export class Events {
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();

  /**
   * Listens until the returned function is called.
   *
   * @throws CacheError `UNKNOWN_OPTION` for an event that does not exist, `INVALID_OPTION` for a listener that is none.
   */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void {
    checkName(name);
    func()(listener, 'cache.on: the listener');
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  emit<N extends EventName>(name: N, event: CacheEvents[N]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    for (const listener of [...listeners] as EventListener<N>[]) {
      const warn = (error: unknown): void =>
        process.emitWarning(`a listener of the cache event '${name}' threw: ${messageOf(error)}`, 'CacheWarning');
      try {
        const told: unknown = listener(event);
        // An async function is a listener too.
        if (told !== undefined) Promise.resolve(told).catch(warn);
      } catch (error) {
        warn(error);
      }
    }
  }
}

function checkName(name: unknown): void {
  const known = Object.keys(names);
  if (known.includes(name as EventName)) return;
  const sentence = `cache.on has no event ${shown(name)}; ${insteadOf(String(name), known)}`;
  throw new CacheError('UNKNOWN_OPTION', sentence);
}
