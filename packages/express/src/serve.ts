import type { Exchange } from './exchange.ts';
import type { CacheOutcome } from './http/cache-status.ts';
import { currentAge, restoreHead, type StoredResponse } from './http/stored-response.ts';

/** Answers a request with a stored response; HEAD gets its fields, and Node leaves the body away. */
export function serve<P>(exchange: Exchange<P>, stored: StoredResponse, outcome: CacheOutcome): void {
  const { req, res, responses } = exchange;
  const now = responses.clock.now();
  restoreHead(res, stored, now);
  exchange.tell({ ...outcome, ttl: stored.lifetime - currentAge(stored, now) });
  // RFC 9111 §4.3.2: a client that has this very response is told so. `req.fresh` compares what the response has now.
  if (req.fresh) {
    res.status(304);
    res.statusMessage = 'Not Modified';
    // RFC 9110 §15.4.5: nothing about content that is not sent.
    for (const name of ['Content-Type', 'Content-Length', 'Content-Encoding', 'Content-Language', 'Content-Range'])
      res.removeHeader(name);
    res.end();
    return;
  }
  // RFC 9110 §9.3.2: HEAD gets the length that GET would; of what is not sent Node does not tell it by itself.
  if (req.method === 'HEAD' && stored.status !== 204 && !res.hasHeader('Content-Length')) {
    res.setHeader('Content-Length', stored.body.length);
  }
  res.end(stored.body);
}
