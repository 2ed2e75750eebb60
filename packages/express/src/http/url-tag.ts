import { createHash } from 'node:crypto';

const longestTag = 200;

/**
 * The tag of all responses of a URL whose keys say more than that: of users, of forwarded requests, of fields that a
 * route has in its keys. The rest is found by its key, which the URL tells.
 */
export function urlTag(authority: string, path: string, query: string): string {
  const tag = `url //${authority}${path}${query === '' ? '' : `?${query}`}`;
  return tag.length <= longestTag ? tag : `url ${createHash('sha256').update(tag).digest('base64url')}`;
}
