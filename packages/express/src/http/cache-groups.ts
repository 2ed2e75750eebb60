import { createHash } from 'node:crypto';
import { parseStrings } from './structured-field.ts';
import { type TargetRequest, toldHost } from './target.ts';

/** RFC 9875 §2: at least 32 groups of at least 32 characters are to be supported. */
const mostGroups = 64;
const longestTag = 200;

/** The origin of a request's target as clients know it (RFC 9110 §4.3.1), which groups are of. */
export function originOf(request: TargetRequest, trusted: () => boolean): string {
  return `${request.protocol}://${toldHost(request, trusted) ?? request.headers.host?.toLowerCase() ?? ''}`;
}

/**
 * The tags of the groups that a Cache-Groups or a Cache-Group-Invalidation field names (RFC 9875 §2, §3), in one
 * origin: what another one calls by the same name is another group. None for a field that is malformed.
 */
export function groupTags(field: string | undefined, origin: string): readonly string[] {
  const groups = field === undefined ? [] : (parseStrings(field) ?? []);
  return [...new Set(groups)].slice(0, mostGroups).map((group) => groupTag(group, origin));
}

/** The tag of one group of an origin. */
export function groupTag(group: string, origin: string): string {
  const tag = `group ${origin} ${group}`;
  return tag.length <= longestTag ? tag : `group ${createHash('sha256').update(tag).digest('base64url')}`;
}
