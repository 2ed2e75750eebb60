import { finished } from 'node:stream/promises';
import type { Exchange } from './exchange.ts';
import { bring } from './fill.ts';
import { originOf } from './http/cache-groups.ts';
import { responseFields } from './http/fields.ts';
import { explicitLifetime } from './http/freshness.ts';
import type { Place } from './http/place.ts';
import { sameOriginPath } from './http/reference.ts';
import { instructionsOf } from './http/targeted.ts';
import { lead } from './lead.ts';

/**
 * Runs the handler of a POST request, and keeps its answer for later GETs where that says so: by explicit freshness and
 * a Content-Location that is the target itself (RFC 9110 §9.3.3).
 */
export async function keepPosted<P>(exchange: Exchange<P>, place: Place): Promise<void> {
  const { req, res, responses } = exchange;
  const isOfTarget = (): boolean => {
    const fields = responseFields(res);
    const pathOf = (uri: string | undefined): string | undefined => sameOriginPath(uri, originOf(req), req.originalUrl);
    const path = pathOf(fields('content-location'));
    const lifetime = explicitLifetime(instructionsOf(fields), fields, responses.clock.now());
    return res.statusCode === 200 && lifetime !== undefined && path === pathOf(req.originalUrl);
  };
  const errand = { stale: undefined, outcome: { forward: 'method' }, posted: isOfTarget } as const;
  const brought = await lead(exchange, place, errand);
  if (brought.kind !== 'response') return;
  // Before that the request takes away what is stored of its target (RFC 9111 §4.4).
  await finished(res);
  await responses.reload(place.key, (_key, fill) => bring(exchange, place, brought, fill), exchange.tag);
}
