import type { RequestListener, ServerResponse } from 'node:http';
import type { Application } from 'express';
import type { Exchange } from './exchange.ts';
import { type MadeUp, madeUp } from './http/made-up.ts';
import type { Place } from './http/place.ts';
import { markMadeUp, type Passage, passed } from './mark.ts';

/** Who waits for a made-up request on its way through the app to reach the cache. */
export interface Dispatched {
  /** Takes what the cache has made of it; `undefined` where the cache has no part in it. */
  arrive<P>(exchange?: Exchange<P>, key?: string): void;
}

/** The other side of `redispatch`: what waits for a request, by its passage, if it is one that this package has made up. */
export function dispatchedBy(passage: Passage | undefined): Dispatched | undefined {
  return passage === passed ? undefined : (passage as Dispatched | undefined);
}

/**
 * Sends a request for the same response through the whole app, for nobody but the cache. The answer is its exchange,
 * once it has reached the cache: the handler is yet to run. `next()` of the first one is bound to its client, who is
 * answered already.
 *
 * Rejects where the request does not come to the same key again.
 */
export function redispatch<P>(exchange: Exchange<P>, place: Place): Promise<Exchange<P>> {
  const { req } = exchange;
  return new Promise((resolve, reject) => {
    const elsewhere = (): void => reject(new Error('a request in the background came to no response of that key'));
    const dispatched: Dispatched = {
      arrive: (apart, key) => {
        // The same route made it: its parameters are of the same type.
        if (apart !== undefined && key === place.url) resolve(apart as unknown as Exchange<P>);
        else elsewhere();
      },
    };
    const parts = { url: req.originalUrl, headers: headersFor(exchange, place), like: req.socket };
    dispatch(rootOf(req.app), parts, dispatched, elsewhere);
  });
}

/** A made-up request that was sent through an app. */
export interface Sent {
  readonly response: ServerResponse;
  /** Ends it, as if its client had gone. */
  readonly end: () => void;
}

/** Sends a made-up request through an app. Where it `ended` before it has arrived, it never will. */
export function dispatch(
  app: Application,
  parts: MadeUp,
  dispatched: Dispatched,
  ended: (response: ServerResponse) => void,
): Sent {
  const { request, response } = madeUp(parts);
  const over = (): void => ended(response);
  response.once('close', over).once('finish', over);
  markMadeUp(request, dispatched);
  // Express makes its own of them, as of any other.
  (app as unknown as RequestListener)(request, response);
  const end = (): void => {
    request.destroy();
    response.destroy();
  };
  return { response, end };
}

function rootOf(app: Application): Application {
  const { parent } = app as { parent?: Application };
  return parent === undefined ? app : rootOf(parent);
}

/** What responses to anybody may depend on. */
const allowed = ['host', 'accept', 'accept-charset', 'accept-encoding', 'accept-language', 'user-agent'];
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];

/** Within a scope it is that user's own request once more; else nothing goes along that makes it one of a user. */
function headersFor<P>({ fields, req, scope, route }: Exchange<P>, place: Place): Record<string, string> {
  const names = [...allowed, ...forwarded, ...place.fields, ...route.keyedFields];
  const headers: Record<string, string> = {};
  for (const name of scope === undefined ? names : Object.keys(req.headers)) {
    const value = fields(name);
    if (value !== undefined && !dropped.has(name)) headers[name] = value;
  }
  return headers;
}

const dropped = new Set(['cache-control', 'connection', 'content-length', 'pragma', 'transfer-encoding', 'upgrade']);
