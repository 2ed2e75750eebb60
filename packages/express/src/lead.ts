import type { Exchange } from './exchange.ts';
import { record, type Recorded } from './http/recording.ts';
import { type HeaderSnapshot, snapshot, type StoredResponse, storedFields } from './http/stored-response.ts';
import { forwardOf, type Place } from './http/place.ts';
import { markOf } from './mark.ts';

/** A response whose headers are known, and that may be stored once it is complete. */
export type Storable = Omit<StoredResponse, 'body' | 'statusMessage'> & {
  readonly vary: readonly string[];
  readonly tags: readonly string[];
};

/** What the run of a handler brings for others than its own client, which it is streamed to meanwhile. */
export interface Leading {
  /** As soon as the headers are complete; `undefined` for what cannot be shared. */
  readonly head: Promise<Storable | undefined>;
  readonly body: Promise<Recorded>;
}

/** Runs the handler for a request and for all who wait at the place. */
export function lead<P>(exchange: Exchange<P>, place: Place): Leading {
  const { req, res, route } = exchange;
  let body: Promise<Recorded>;
  const head = new Promise<Storable | undefined>((resolve) => {
    exchange.begin(() => {
      const before = snapshot(res);
      body = record(res, route.maxEntrySize, () => {
        const storable = decide(exchange, place, before);
        resolve(storable);
        return storable !== undefined;
      });
      void body.then(() => resolve(undefined));
      // RFC 9111 §4.3.1: the handler is to give a whole response, not a 304 that is of use to this client alone.
      delete req.headers['if-none-match'];
      delete req.headers['if-modified-since'];
    });
  });
  return { head, body: body! };
}

function decide<P>(exchange: Exchange<P>, place: Place, before: HeaderSnapshot): Storable | undefined {
  const { res, responses } = exchange;
  const forward = forwardOf(place);
  const verdict = exchange.judge(place);
  const tags = verdict.storable ? exchange.tags() : undefined;
  if (!verdict.storable || tags === undefined) {
    responses.hitForMiss.mark(markOf(exchange, place));
    exchange.tell({ forward, detail: verdict.storable ? 'tags' : verdict.reason });
    return undefined;
  }
  const { lifetime, age, audience, vary } = verdict;
  const receivedAt = responses.clock.now();
  const fields = storedFields(res, before, receivedAt);
  exchange.tell({ forward, stored: true });
  return { kind: 'response', status: res.statusCode, ...fields, receivedAt, age, lifetime, audience, vary, tags };
}
