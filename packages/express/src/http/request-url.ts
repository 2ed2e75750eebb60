import { SecondChanceMap } from '../second-chance.ts';
import { urlKey } from './key.ts';
import { canonicalQuery, type QueryRule } from './query.ts';

/** The URL of a request, taken apart; or the reason why the cache has no part in requests for it. */
export type RequestUrl = UrlParts | { readonly refused: string };

export interface UrlParts {
  readonly scheme: 'http' | 'https';
  /** The Host field in lower case, with its port. */
  readonly authority: string;
  /** As the client sent it, undecoded: `%2f` is not `/`. */
  readonly path: string;
  /** In its canonical form. */
  readonly query: string;
  /** What it is stored under where nothing else tells responses apart; `undefined` for one that is too long. */
  readonly key: string | undefined;
}

/** How many URLs are remembered, and the longest of them. */
const most = 2_000;
const longest = 512;

/** Takes URLs apart by one rule for their queries. Most requests are for one that it remembers. */
export class UrlReader {
  readonly rule: QueryRule | undefined;
  readonly #known = new SecondChanceMap<{ scheme: string; host: string; url: UrlParts }>(most);

  constructor(rule: QueryRule | undefined) {
    this.rule = rule;
  }

  /** `host` and `target` are as the client sent them. */
  read(scheme: string, host: string, target: string): RequestUrl {
    const known = this.#known.get(target);
    if (known !== undefined && known.host === host && known.scheme === scheme) return known.url;
    const url = requestUrl(scheme, host, target, this.rule);
    if (!('refused' in url) && target.length <= longest) this.#known.set(target, { scheme, host, url });
    return url;
  }
}

function requestUrl(scheme: string, host: string, target: string, rule: QueryRule | undefined): RequestUrl {
  // With `trust proxy` it is whatever X-Forwarded-Proto says.
  if (scheme !== 'http' && scheme !== 'https') return { refused: 'scheme' };
  const authority = host.toLowerCase();
  if (!/^[a-z0-9._~:[\]-]{0,260}$/.test(authority)) return { refused: 'host' };
  // Absolute form has a second authority; few clients send it, and handlers do not agree on which one counts.
  if (!/^\/[^\s#]*$/.test(target)) return { refused: 'target' };
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : canonicalQuery(target.slice(mark + 1), rule);
  return { scheme, authority, path, query, key: urlKey({ scheme, authority, path, query }) };
}
