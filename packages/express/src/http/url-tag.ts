import { createHash } from 'node:crypto';

const longestTag = 200;

/** Before the NUL stands the resource that such tags are of: no value of another one has them, nor do users give any. */
const prefix = 'http\0url ';

/** Whether a tag is one of a URL. */
export function isUrlTag(tag: string): boolean {
  return tag.startsWith(prefix);
}

/**
 * The tag of all responses of a URL whose keys say more than that: of users, of forwarded requests, of fields that a
 * route has in its keys. The rest is found by its key, which the URL tells.
 */
export function urlTag(authority: string, path: string, query: string): string {
  const tag = `${prefix}//${authority}${path}${query === '' ? '' : `?${query}`}`;
  return tag.length <= longestTag ? tag : `${prefix}${createHash('sha256').update(tag).digest('base64url')}`;
}
