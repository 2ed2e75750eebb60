import type { ServerResponse } from 'node:http';

/** Why a request was passed on to the handler (RFC 9211 §2.2). */
export type Forward = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'stale' | 'request';

/** What this cache did with one request, without anything the request itself said. */
export interface CacheOutcome {
  readonly hit?: boolean;
  readonly forward?: Forward;
  /** The status of the handler's answer, where the client got another one. */
  readonly forwardStatus?: number;
  /** Milliseconds of freshness that are left; below zero for a stale response. */
  readonly ttl?: number;
  readonly stored?: boolean;
  /** The answer is the one another request was waiting for too. */
  readonly collapsed?: boolean;
  /** A word of our own on the reason. */
  readonly detail?: string;
}

/** Answered with what was stored, without the handler. */
export const hit: CacheOutcome = { hit: true };

/** The name of a cache as it stands in Cache-Status: a token where it may be one, else a string (RFC 9651 §3.3). */
export function statusName(name: string): string {
  return /^[A-Za-z]/.test(name) ? name : `"${name}"`;
}

/** One member of a Cache-Status list (RFC 9211 §2); `cache` is the name as it stands there. */
export function cacheStatus(cache: string, outcome: CacheOutcome): string {
  const { hit, forward, forwardStatus, ttl, stored, collapsed, detail } = outcome;
  let status = cache;
  if (hit === true) status += '; hit';
  if (forward !== undefined) status += `; fwd=${forward}`;
  if (forwardStatus !== undefined) status += `; fwd-status=${forwardStatus}`;
  if (ttl !== undefined) status += `; ttl=${Math.floor(ttl / 1_000)}`;
  if (stored === true) status += '; stored';
  if (collapsed === true) status += '; collapsed';
  if (detail !== undefined) status += `; detail=${detail}`;
  return status;
}

/** The same for a hit, told in one go; `ttl` is milliseconds. */
export function hitStatus(cache: string, ttl: number): string {
  return `${cache}; hit; ttl=${Math.floor(ttl / 1_000)}`;
}

/** Adds a member to those of the caches nearer to the origin (RFC 9211 §2). */
export function addCacheStatus(response: ServerResponse, status: string): void {
  const nearer = response.getHeader('cache-status');
  response.setHeader('Cache-Status', nearer === undefined ? status : [nearer, status].flat().join(', '));
}
