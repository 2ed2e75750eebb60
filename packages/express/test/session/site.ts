import type { Cache } from '@cache/core';
import express, { type Express } from 'express';
import session, { type SessionData, type SessionOptions } from 'express-session';
import { type SessionStore, sessionStore, type SessionStoreOptions } from '../../src/session.ts';

declare module 'express-session' {
  interface SessionData {
    user?: string;
    seen?: number;
  }
}

/** A point in a request at which the test holds it. */
class Gate {
  readonly arrived: Promise<void>;
  readonly opened: Promise<void>;
  arrive!: () => void;
  open!: () => void;

  constructor() {
    this.arrived = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

/** A site to log in to, out of, and to look at, with its sessions in a cache. */
export class Site {
  readonly app: Express;
  readonly store: SessionStore;
  /** Holds requests to `/slow`. */
  gate = new Gate();

  constructor(cache: Cache, options: Partial<SessionStoreOptions> = {}, more: Partial<SessionOptions> = {}) {
    this.store = sessionStore({ cache, ...options });
    const app = (this.app = express());
    // Express prints errors that nobody answers.
    app.set('env', 'test');
    app.use(session({ store: this.store, secret: 'x', resave: false, saveUninitialized: false, ...more }));
    app.post('/login/:user', (req, res) => {
      req.session.user = req.params.user;
      res.send('welcome');
    });
    app.post('/logout', (req, res, next) => {
      req.session.destroy((error) => (error ? next(error) : res.send('bye')));
    });
    app.get('/me', (req, res) => void res.send(req.session.user ?? 'nobody'));
    app.post('/slow', async (req, res) => {
      this.gate.arrive();
      await this.gate.opened;
      req.session.seen = (req.session.seen ?? 0) + 1;
      res.send('done');
    });
    app.get('/slow', async (_req, res) => {
      this.gate.arrive();
      await this.gate.opened;
      res.send('read');
    });
  }

  get(sid: string): Promise<SessionData | null | undefined> {
    return calledBack((done) => this.store.get(sid, done));
  }

  set(sid: string, session: SessionData): Promise<void> {
    return calledBack((done) => this.store.set(sid, session, done));
  }

  touch(sid: string, session: SessionData): Promise<void> {
    return calledBack((done) => this.store.touch(sid, session, done));
  }

  destroy(sid: string): Promise<void> {
    return calledBack((done) => this.store.destroy(sid, done));
  }

  async all(): Promise<(SessionData & { id?: string })[]> {
    return (await calledBack<unknown>((done) => this.store.all(done))) as SessionData[];
  }

  async length(): Promise<number> {
    return (await calledBack<number | undefined>((done) => this.store.length(done))) ?? NaN;
  }

  clear(): Promise<void> {
    return calledBack((done) => this.store.clear(done));
  }
}

function calledBack<T>(call: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error == null ? resolve(value as T) : reject(error)));
  });
}

/** A session as express-session hands it over, whose cookie has so many milliseconds. */
export function sessionFor(user: string, maxAge: number | null = null): SessionData {
  const cookie = new session.Cookie();
  if (maxAge !== null) cookie.maxAge = maxAge;
  return { cookie, user };
}
