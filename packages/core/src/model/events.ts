import { type CacheError, messageOf } from './errors.ts';

/** What a cache tells of itself, by event. Nothing here ever carries a value. */
export interface CacheEvents {
  /** A load began because no tier had a fresh value. */
  miss: { readonly resource: string; readonly key: string };
  /** A loader answered. `ms` is what it took. */
  load: { readonly resource: string; readonly key: string; readonly ms: number };
  /** A loader threw; the same error reached the callers. */
  loadError: { readonly resource: string; readonly key: string; readonly error: unknown };
  /** A loaded value was not put into the shared tier because a newer write came first, or its lease had run out. */
  fillRefused: { readonly resource: string; readonly key: string };
  /** A value was given to the caller but not to this tier, which could not give it back in the same shape. */
  unstorable: { readonly resource: string; readonly key: string; readonly error: CacheError };
  /** A shared tier failed or passed its deadline; the caller was served without it. */
  storeError: { readonly store: string; readonly error: unknown };
  /** A shared tier failed so often that it is not asked until a probe succeeds. */
  storeDown: { readonly store: string; readonly error: unknown };
  /** A shared tier answers again, and every deletion it had missed has been made. */
  storeUp: { readonly store: string };
  /** A deletion could not be sent; the key is not served from the shared tier until it has been. */
  evictionPending: { readonly store: string; readonly pending: number };
  /** A batch of a write-behind resource reached the source. */
  flush: { readonly resource: string; readonly count: number; readonly ms: number };
  /** A batch of a write-behind resource did not reach the source; it is tried again after `retryIn` milliseconds. */
  flushError: { readonly resource: string; readonly count: number; readonly error: unknown; readonly retryIn: number };
}

export type EventName = keyof CacheEvents;
export type EventListener<N extends EventName> = (event: CacheEvents[N]) => void;

/** Hands events to listeners. A listener that throws is reported as a process warning and harms nobody else. */
export class Events {
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();

  /** Listens until the returned function is called. */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void {
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
