import {
  type Cache,
  type Duration,
  identifier,
  parseOptions,
  positiveDuration,
  type Records,
  withDefault,
} from '@cache/core';
import type { Request } from 'express';
import session, { type Session, type SessionData, type Store } from 'express-session';
import { cacheRule } from '../option-rules.ts';
import { unavailable } from '../unavailable.ts';
import { decodeSession, encodeSession, type IdentifiedSession } from './session-record.ts';
import { sessionTtl } from './session-ttl.ts';

export interface SessionStoreOptions {
  /** Whose shared tier keeps the sessions; without a shared tier they are in this process alone, and end with it. */
  cache: Cache;
  /** For how long a session lives without a request, if its cookie does not say (`cookie.maxAge`). Default `'1d'`. */
  ttl?: Duration;
  /** Tells these sessions from others in the same cache. Default `'session'`. */
  name?: string;
}

/**
 * A store for express-session, over the shared tier of a cache and never over the memory in front of it: a session that
 * is destroyed is gone for every process at once.
 *
 * While the tier does not answer, every method gives an error within the tier's deadline, and requests with a session
 * are answered by 503: nobody is taken to be logged out who is not, and no session for destroyed that may be there.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function sessionStore(options: SessionStoreOptions): SessionStore {
  const { cache, ttl, name } = parseOptions('sessionStore', options, {
    cache: cacheRule,
    ttl: withDefault(positiveDuration, 86_400_000),
    name: withDefault(identifier, 'session'),
  });
  return new CacheSessionStore(cache.records(name), ttl);
}

/** A store for express-session that has all of its optional methods too. */
export type SessionStore = Store & Required<Pick<Store, 'all' | 'length' | 'clear' | 'touch'>>;

type Callback<T = void> = (error?: unknown, value?: T) => void;

// It never emits `disconnect`: express-session would then let requests pass without any session, as if logged out.
class CacheSessionStore extends session.Store implements SessionStore {
  readonly #records: Records;
  readonly #ttl: number;
  /** Those that were in the store. What has been destroyed since is not to come back by their being saved. */
  readonly #stored = new WeakSet<SessionData>();

  constructor(records: Records, ttl: number) {
    super();
    this.#records = records;
    this.#ttl = ttl;
  }

  get(sid: string, callback: Callback<SessionData | null>): void {
    answer(callback, async () => {
      const record = await this.#records.get(sid);
      return record === undefined ? null : decodeSession(record).session;
    });
  }

  /**
   * A session that was read from the store is only changed where it still is: one that another request has destroyed
   * meanwhile stays destroyed. A new one is set outright.
   */
  set(sid: string, session: SessionData, callback?: Callback): void {
    answer(callback, async () => {
      const ttl = sessionTtl(session, this.#ttl);
      if (ttl <= 0) return this.#records.delete(sid);
      const ifExists = this.#stored.has(session);
      await this.#records.set(sid, encodeSession({ id: sid, session }), ttl, { ifExists });
      this.#stored.add(session);
    });
  }

  override touch(sid: string, session: SessionData, callback?: Callback): void {
    answer(callback, async () => {
      const ttl = sessionTtl(session, this.#ttl);
      if (ttl <= 0) await this.#records.delete(sid);
      else await this.#records.touch(sid, ttl);
    });
  }

  destroy(sid: string, callback?: Callback): void {
    answer(callback, () => this.#records.delete(sid));
  }

  /** All sessions, each with its `id`. It looks at every key of the store: for administration, not for each request. */
  override all(callback: Callback<(SessionData & { id: string })[]>): void {
    answer(callback, async () => {
      const sessions: (SessionData & { id: string })[] = [];
      for await (const record of this.#records.values()) sessions.push(flat(decodeSession(record)));
      return sessions;
    });
  }

  /** How many sessions there are, at the cost of `all` but for reading them. */
  override length(callback: Callback<number>): void {
    answer(callback, () => this.#records.count());
  }

  /** Destroys all sessions that were there when it began, at the cost of `length`. */
  override clear(callback?: Callback): void {
    answer(callback, () => this.#records.clear());
  }

  override createSession(req: Request, data: SessionData): Session & SessionData {
    const created = super.createSession(req, data);
    this.#stored.add(created);
    return created;
  }
}

function flat({ id, session }: IdentifiedSession): SessionData & { id: string } {
  return { ...session, id };
}

/** Calls back with what comes of the work, outside of it: what the callback throws is nothing that the work has done. */
function answer<T>(callback: Callback<T> | undefined, work: () => Promise<T>): void {
  work().then(
    (value) => callback && process.nextTick(callback, null, value),
    (error: unknown) => callback && process.nextTick(callback, unavailable(error)),
  );
}
