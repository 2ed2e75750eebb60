import type { Eviction } from '@cache/core';
import { groupTag } from './http/cache-groups.ts';
import { identityOf } from './http/written-url.ts';
import type { Responses } from './responses.ts';

/** What is to be purged. */
export interface Purge {
  /** Paths with their queries, each at a host. */
  readonly urls: readonly { readonly authority: string; readonly target: string }[];
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  /** The hosts that the groups are of. */
  readonly groupHosts: readonly string[];
  /** All responses there are. */
  readonly all: boolean;
}

/**
 * Takes what is stored away: of a URL all variants, by whatever route, scope or proxy. `'pending'` says that the shared
 * tier is out of reach, and that what is purged is not served from there until it has been told.
 */
export async function purge(responses: Responses, { urls, tags, groups, groupHosts, all }: Purge): Promise<Eviction> {
  const identities = urls.map(({ authority, target }) => identityOf(authority, target, responses.queryRules));
  const keys = new Set(identities.flatMap((each) => each.keys));
  const origins = groupHosts.flatMap((host) => [`http://${host}`, `https://${host}`]);
  const groupTags = groups.flatMap((group) => origins.map((origin) => groupTag(group, origin)));
  const allTags = new Set([...tags, ...groupTags, ...identities.flatMap((each) => each.tags)]);
  const evictions = await Promise.all([
    ...(all ? [responses.clear()] : []),
    ...(allTags.size === 0 ? [] : [responses.invalidateTags([...allTags])]),
    ...[...keys].map((key) => responses.evict(key)),
  ]);
  return evictions.every((each) => each === 'done') ? 'done' : 'pending';
}
