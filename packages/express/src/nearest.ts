import { type Place, variantOf } from './http/place.ts';
import { isFresh } from './http/reuse.ts';
import type { StoredResponse } from './http/stored-response.ts';
import type { Reply } from './reply.ts';

/** Where the way along the rules of Vary ends in memory, and what it has there, if that is fresh. */
export interface Nearest {
  readonly place: Place;
  readonly stored: StoredResponse | undefined;
}

/** What memory has that was fresh when the request came: the hot path, which awaits nothing. */
export function nearest({ responses, route, fields, demands, cameAt }: Reply, start: Place): Nearest {
  let place = start;
  for (;;) {
    const near = responses.near(place.key);
    if (near?.kind === 'vary') place = variantOf(place, near, fields, route.normalise);
    else return { place, stored: near && isFresh(near, demands, cameAt) ? near : undefined };
  }
}
