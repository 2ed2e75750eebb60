import { cacheResponse, evicts, purgeRouter } from '@cache/express';
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import type { Customer } from './customers.ts';
import { cartBody, customerBody, orderBody, productBody, Refused, slug, wholeNumber } from './input.ts';
import type { Queries } from './queries.ts';
import type { Resources } from './resources.ts';
import { sessionCookie, signIn } from './sign-in.ts';

export interface Shop {
  readonly db: Queries;
  readonly resources: Resources;
  /** What `GET /stats` answers. */
  readonly stats: () => object;
  /** Who has it may purge by `POST /cache`; without one nobody may. */
  readonly purgeToken?: string | undefined;
  /** See `signIn`. */
  readonly sessionSecret: string;
}

/** The routes of the shop. */
export function shopApp({ db, resources, stats, purgeToken, sessionSecret }: Shop): Express {
  const { cache, products, carts, views, revenue, customers } = resources;
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '20kb' }));

  app.get('/products/:id', async (req, res) => {
    const id = wholeNumber(req.params.id, 'the id of a product');
    const product = await products.get(id);
    if (product === null) throw new Refused(404, `there is no product ${id}`);
    res.json(product);
  });

  app.put('/products/:id', async (req, res) => {
    const id = wholeNumber(req.params.id, 'the id of a product');
    const change = productBody(req.body);
    const found = await products.mutate(id, () => db.updateProduct(id, change));
    if (!found) throw new Refused(404, `there is no product ${id}`);
    res.sendStatus(204);
  });

  app.get('/carts/:id', async (req, res) => {
    res.json(await carts.get(slug(req.params.id, 'the id of a cart')));
  });

  app.put('/carts/:id', async (req, res) => {
    await carts.set(slug(req.params.id, 'the id of a cart'), cartBody(req.body));
    res.sendStatus(204);
  });

  app.get('/views/:page', async (req, res) => {
    const page = slug(req.params.page, 'the name of a page');
    res.json({ page, views: await views.get(page) });
  });

  app.post('/views/:page', async (req, res) => {
    await views.merge(slug(req.params.page, 'the name of a page'), 1);
    res.sendStatus(202);
  });

  app.get('/reports/revenue', async (req, res) => {
    res.json(await revenue(wholeNumber(req.query['days'] ?? '30', 'days', 3_650)));
  });

  app.get(
    '/reports/bestsellers',
    cacheResponse({
      cache,
      ttl: '30s',
      tags: ['bestsellers'],
      name: 'shop',
      cookies: { ignore: [sessionCookie] },
      front: true,
    }),
    async (_req, res) => {
      res.json(await db.bestsellers());
    },
  );

  app.post('/orders', evicts({ cache, tags: ['bestsellers'] }), async (req, res) => {
    const { productId, quantity } = orderBody(req.body);
    if (!(await db.placeOrder(productId, quantity))) throw new Refused(404, `there is no product ${productId}`);
    res.sendStatus(201);
  });

  app.get('/customers/:id', async (req, res) => {
    const id = wholeNumber(req.params.id, 'the id of a customer');
    res.json(shown(await customers.find(id), id));
  });

  app.put('/customers/:id', async (req, res) => {
    const id = wholeNumber(req.params.id, 'the id of a customer');
    res.json(shown(await customers.update(id, customerBody(req.body)), id));
  });

  app.delete('/customers/:id', async (req, res) => {
    const id = wholeNumber(req.params.id, 'the id of a customer');
    if (!(await customers.remove(id))) throw new Refused(404, `there is no customer ${id}`);
    res.sendStatus(204);
  });

  if (purgeToken !== undefined) {
    const wanted = digest(`Bearer ${purgeToken}`);
    const authorize = (req: Request) => timingSafeEqual(digest(req.get('authorization') ?? ''), wanted);
    app.use('/cache', purgeRouter({ cache, authorize }));
  }

  app.use('/session', signIn({ cache, customers, sessionSecret }));

  app.get('/stats', (_req, res) => {
    res.json(stats());
  });

  app.use((req) => {
    throw new Refused(404, `there is no ${req.method} ${req.path}`);
  });
  app.use(answerError);
  return app;
}

/** Of one length, whatever was sent, so that nothing is told by how long the comparison takes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function shown(customer: Customer | null, asked: number): object {
  if (customer === null) throw new Refused(404, `there is no customer ${asked}`);
  const { id, name, email } = customer;
  return { id, name, email, initials: customer.initials() };
}

/** What the client did wrong is told to it, in JSON; what we did wrong is not. */
const answerError: ErrorRequestHandler = (error: { status?: number; message?: string }, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status = 500, message } = error;
  res.status(status).json({ error: status < 500 ? message : 'something went wrong here' });
};
