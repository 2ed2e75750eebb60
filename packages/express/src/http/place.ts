import { randomUUID } from 'node:crypto';
import type { Forward } from './cache-status.ts';
import type { FieldReader } from './fields.ts';
import { variantKey } from './key.ts';
import { type Normalise, selectingText } from './vary.ts';

/** Stored in place of a response: this URL has one for each combination of what requests say in these fields. */
export interface VaryRule {
  readonly kind: 'vary';
  /** Part of the keys of its variants, which so live and die with it: an invalidated rule leaves none behind. */
  readonly id: string;
  readonly fields: readonly string[];
}

/** A place where a response may be: a URL, or a variant of it. */
export interface Place {
  readonly key: string;
  /** The key of the URL, where the way began. */
  readonly url: string;
  /** The fields that the key holds the request's values of. */
  readonly fields: readonly string[];
  /** How many rules led here. */
  readonly depth: number;
}

/** The most rules on the way to a response: one whose Vary changes with every answer is not followed for ever. */
const mostRules = 4;

const noFields: readonly string[] = [];

/** The place of a URL without variants. */
export function placeOf(key: string): Place {
  return { key, url: key, fields: noFields, depth: 0 };
}

/** The fields of a Vary that the key of a place lacks. */
function missingFrom(place: Place, vary: readonly string[]): string[] {
  return vary.filter((name) => !place.fields.includes(name));
}

/** True for a response that could only be told apart by one rule too many. */
export function isTooDeep(place: Place, vary: readonly string[]): boolean {
  return place.depth >= mostRules && missingFrom(place, vary).length > 0;
}

/** The rule that leads on from a place to where a response with this Vary is kept; `undefined` if that is here. */
export function ruleFor(place: Place, vary: readonly string[]): VaryRule | undefined {
  const fields = missingFrom(place, vary);
  return fields.length === 0 ? undefined : { kind: 'vary', id: randomUUID(), fields };
}

/** The place of the variant that a request selects (RFC 9111 §4.1). */
export function variantOf(place: Place, rule: VaryRule, fields: FieldReader, normalise: Normalise): Place {
  return {
    key: variantKey(place.key, rule.id, selectingText(rule.fields, fields, normalise)),
    url: place.url,
    fields: [...place.fields, ...rule.fields],
    depth: place.depth + 1,
  };
}

/** Why a request was passed on that found nothing at the place. */
export function forwardOf(place: Place): Forward {
  return place.depth === 0 ? 'uri-miss' : 'vary-miss';
}
