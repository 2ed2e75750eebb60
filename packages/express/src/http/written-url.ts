import { urlKey } from './key.ts';
import { canonicalQuery, type QueryRule } from './query.ts';
import { urlTag } from './url-tag.ts';

/** A URL as clients send it, its path and query undecoded. */
export interface WrittenUrl {
  readonly scheme: 'http' | 'https' | undefined;
  /** Host and port, in lower case; `undefined` where only path and query are given. */
  readonly authority: string | undefined;
  /** Path and query. */
  readonly target: string;
}

/**
 * Reads `https://host/path?query`, or `/path?query`. Nothing is decoded or resolved, since nothing of that is done to
 * what requests say: the answer to `/a/../b` is stored under that name. `undefined` for what no request line can hold.
 */
export function parseWrittenUrl(text: string): WrittenUrl | undefined {
  if (text.length > 4_096) return undefined;
  const parts = /^(?:(https?):\/\/([a-z0-9._~:[\]-]{1,260}))?(\/[!-"$-~]*)?$/i.exec(text);
  if (parts === null || text === '') return undefined;
  const [, scheme, authority, target = '/'] = parts;
  return {
    scheme: scheme?.toLowerCase() as WrittenUrl['scheme'],
    authority: authority?.toLowerCase(),
    target,
  };
}

/** What all responses of a URL are found by. */
export interface UrlIdentity {
  readonly keys: readonly string[];
  readonly tags: readonly string[];
}

/**
 * The keys that a path and query have at a host, and the tags of what is stored of them under other keys, by any of the
 * rules for queries. A proxy may have taken TLS away without a word, so both schemes count.
 */
export function identityOf(authority: string, target: string, rules: Iterable<QueryRule | undefined>): UrlIdentity {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const written = mark < 0 ? '' : target.slice(mark + 1);
  const keys = new Set<string>();
  const tags = new Set<string>();
  for (const rule of rules) {
    const query = canonicalQuery(written, rule);
    tags.add(urlTag(authority, path, query));
    for (const scheme of ['http', 'https']) {
      const key = urlKey({ scheme, authority, path, query });
      if (key !== undefined) keys.add(key);
    }
  }
  return { keys: [...keys], tags: [...tags] };
}
