import type { Cache } from '@cache/core';
import { rateLimits, rateLimitStore } from '@cache/express/rate-limit';
import { sessionStore } from '@cache/express/session';
import { Router } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import session from 'express-session';
import type { CustomerService } from './customers.ts';
import { Refused, signInBody } from './input.ts';

declare module 'express-session' {
  interface SessionData {
    customer: number;
  }
}

/** The cookie that names a session: no page depends on it but those below `/session`. */
export const sessionCookie = 'shop.session';

export interface SignInOptions {
  readonly cache: Cache;
  readonly customers: CustomerService;
  /** Signs the cookies: the same in all processes, and after a restart. */
  readonly sessionSecret: string;
}

/**
 * Who is signed in: `POST` signs in (this shop believes everybody, but not as often as they like), `GET` tells who is,
 * `DELETE` signs out, for every process at once.
 */
export function signIn({ cache, customers, sessionSecret }: SignInOptions): Router {
  const router = Router();
  const minute = 60_000;
  const ofAddress = { store: rateLimitStore({ cache, name: 'session' }), windowMs: minute, limit: 300 };
  router.use(rateLimit({ ...ofAddress, standardHeaders: 'draft-8', legacyHeaders: false }));
  router.use(
    session({
      store: sessionStore({ cache }),
      name: sessionCookie,
      secret: sessionSecret,
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { maxAge: 30 * minute, httpOnly: true, sameSite: 'lax', secure: 'auto' },
    }),
  );

  const attempts = rateLimits({
    cache,
    name: 'attempts',
    limits: {
      address: { limit: 50, window: '10m', key: (req) => ipKeyGenerator(req.ip ?? '') },
      customer: { limit: 5, window: '1m', key: (req) => signInBody(req.body).customer },
    },
    handler: (_req, res) => res.json({ error: 'too many attempts; wait for as many seconds as Retry-After says' }),
  });
  router.post('/', attempts, async (req, res, next) => {
    const { customer } = signInBody(req.body);
    if ((await customers.find(customer)) === null) throw new Refused(404, `there is no customer ${customer}`);
    // A new id: whoever knew the old one is not signed in with it.
    req.session.regenerate((error) => {
      if (error) return next(error);
      req.session.customer = customer;
      res.status(201).json({ customer });
    });
  });

  router.get('/', (req, res) => {
    const { customer } = req.session;
    if (customer === undefined) throw new Refused(401, 'nobody is signed in');
    res.json({ customer });
  });

  router.delete('/', (req, res, next) => {
    req.session.destroy((error) => {
      if (error) return next(error);
      res.clearCookie(sessionCookie).sendStatus(204);
    });
  });
  return router;
}
