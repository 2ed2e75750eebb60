import { type Cache, CacheError, func, invalid, parseOptions, withDefault } from '@cache/core';
import { json, type NextFunction, type Request, type Response, Router } from 'express';
import { toldHost } from './http/target.ts';
import { cacheRule } from './option-rules.ts';
import { purge } from './purge.ts';
import { type Asked, askedByTarget, askedIn } from './purge-body.ts';
import { responsesOf } from './responses.ts';
import { trustsSender } from './trust.ts';
import { warnOnce } from './warning.ts';

/** Who may purge what. */
export interface PurgeRouterOptions {
  /** The cache to purge. */
  cache: Cache;
  /** Whether a request may purge. Anything but `true`, an error included, refuses it. */
  authorize: (req: Request) => boolean | Promise<boolean>;
  /**
   * By which methods: `POST` to where the router is mounted, with what to purge as JSON; `PURGE` to the URL itself, below
   * where the router is mounted. Default `['POST']`.
   */
  methods?: readonly ('POST' | 'PURGE')[];
}

/**
 * A router by which those who are allowed to can purge responses: by URL, with all its variants; by tag, together with
 * all else of the cache that has it; by group (RFC 9875); or all. Its answer says what was purged, and whether that is
 * `done`, or `pending` since the shared tier is out of reach.
 *
 * A page of another site cannot have a browser purge: it can send neither JSON nor PURGE without being allowed to by CORS.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `DUPLICATE_RESOURCE`, `CLOSED`.
 */
export function purgeRouter(options: PurgeRouterOptions): Router {
  const { cache, authorize, methods } = parseOptions('purgeRouter', options, {
    cache: cacheRule,
    authorize: authorizeRule,
    methods: withDefault(methodsRule, ['POST'] as const),
  });
  const responses = responsesOf(cache);
  const warn = warnOnce();

  const isAllowed = async (req: Request): Promise<boolean> => {
    try {
      const verdict: unknown = await authorize(req);
      return verdict === true;
    } catch (error) {
      warn('purgeRouter: authorize failed, and nothing was purged', error);
      return false;
    }
  };
  const answer = async (req: Request, res: Response, read: () => Promise<Asked>): Promise<void> => {
    res.set('Cache-Control', 'no-store');
    try {
      if (!(await isAllowed(req))) return void res.status(403).json({ error: 'you are not allowed to purge' });
      const asked = await read();
      const eviction = await purge(responses, asked.purge);
      res.status(eviction === 'done' ? 200 : 202).json({ eviction, purged: asked.named });
    } catch (error) {
      if (!isOfClient(error)) throw error;
      res.status(error.status ?? 400).json({ error: error.message });
    }
  };
  const router = Router();
  router.use((req, res, next) => {
    const isHere = req.path === '/';
    if (req.method === 'PURGE' && methods.includes('PURGE')) {
      answer(req, res, async () => askedByTarget(req.url, hostsOf(req))).catch(next);
    } else if (req.method === 'POST' && isHere && methods.includes('POST')) {
      answer(req, res, async () => askedIn(await bodyOf(req, res), hostsOf(req))).catch(next);
    } else if (isHere && req.baseUrl !== '' && methods.includes('POST')) {
      res.status(405).set('Allow', 'POST').json({ error: 'what to purge is sent by POST, as JSON' });
    } else next();
  });
  return router;
}

const readJson = json({ limit: '100kb' });

/** The body, which other middleware may have read already. */
function bodyOf(req: Request, res: Response): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // What a form of another site could send is not even read.
    if (req.is('application/json') === false || req.get('content-type') === undefined) {
      const sentence = 'send what to purge as application/json, such as {"urls":["/products"]}';
      return reject(Object.assign(new TypeError(sentence), { status: 415 }));
    }
    readJson(req, res, ((error?: Error) => (error ? reject(error) : resolve(req.body))) as NextFunction);
  });
}

/** The hosts by which the responses are known that are nearest to a request: its own, and what a trusted proxy tells. */
function hostsOf(req: Request): readonly string[] {
  const told = toldHost(req, () => trustsSender(req));
  const own = req.headers.host?.toLowerCase() ?? '';
  return told === undefined ? [own] : [own, told];
}

/** What was asked wrongly, and not what went wrong here. */
function isOfClient(error: unknown): error is Error & { status?: number } {
  if (error instanceof CacheError) return error.code === 'INVALID_OPTION' || error.code === 'UNKNOWN_OPTION';
  const { status } = error as { status?: unknown };
  return error instanceof Error && typeof status === 'number' && status < 500;
}

function authorizeRule(value: unknown, where: string): PurgeRouterOptions['authorize'] {
  if (value !== undefined) return func<PurgeRouterOptions['authorize']>()(value, where);
  const example = 'authorize: (req) => req.user?.isAdmin === true, or whatever tells you who may';
  throw invalid(where, `is missing: anybody could purge; write ${example}`);
}

function methodsRule(value: unknown, where: string): readonly ('POST' | 'PURGE')[] {
  const isOne = (each: unknown): boolean => each === 'POST' || each === 'PURGE';
  if (Array.isArray(value) && value.length > 0 && value.every(isOne)) return value as ('POST' | 'PURGE')[];
  throw invalid(where, "must be ['POST'], ['PURGE'] or both: by no other method is anything purged");
}
