import { invalid } from '@cache/core';
import type { Request, Response } from 'express';
import type { PathParams } from './middleware.ts';

/** Tags of a response: fixed, or computed from the request and the response. `P` is the type of `req.params`. */
export type Tags<P = PathParams> = readonly string[] | ((req: Request<P>, res: Response) => readonly string[]);

/** The rule of an option that takes tags. */
export function tagsRule<P>(value: unknown, where: string): Tags<P> {
  return typeof value === 'function' ? (value as Tags<P>) : checked(value, where);
}

/**
 * The tags that a route gives one response. Between the middleware and the response Express has set `req.params` to
 * those of later layers; `params` are those of the middleware's own, which its function is written for.
 *
 * @throws CacheError `INVALID_OPTION` for what are no tags, or what the route's own function throws.
 */
export function tagsFor<P>(
  tags: Tags<P> | undefined,
  req: Request<P>,
  res: Response,
  params: P,
  where: string,
): readonly string[] {
  if (tags === undefined) return [];
  if (typeof tags !== 'function') return tags;
  const current = req.params;
  try {
    req.params = params;
    return checked(tags(req, res), where);
  } finally {
    req.params = current;
  }
}

function checked(value: unknown, where: string): readonly string[] {
  const fine = (tag: unknown): boolean => typeof tag === 'string' && tag.length > 0 && tag.length <= 200;
  if (Array.isArray(value) && value.length <= 100 && value.every(fine)) return value as string[];
  throw invalid(where, "must give an array of at most 100 tags of 1 to 200 characters, such as ['user:7']");
}
