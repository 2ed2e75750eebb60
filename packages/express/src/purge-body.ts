import { invalid, optional, type OptionRule, parseOptions } from '@cache/core';
import { parseWrittenUrl, type WrittenUrl } from './http/written-url.ts';
import type { Purge } from './purge.ts';

const mostOfEach = 100;

/** What somebody asked to purge, checked, and as it was asked. */
export interface Asked {
  readonly purge: Purge;
  readonly named: {
    readonly urls: readonly string[];
    readonly tags: readonly string[];
    readonly groups: readonly string[];
    readonly all: boolean;
  };
}

/**
 * Reads `{ urls, tags, groups, all, host }`; `hosts` are those that the request itself came to.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function askedIn(body: unknown, hosts: readonly string[]): Asked {
  const { urls, tags, groups, all, host } = parseOptions('purge', body, {
    urls: optional(listOf(isText, "URLs, such as ['/products?page=2', 'https://shop.example/']")),
    tags: optional(listOf(isTag, "tags of 1 to 200 characters, such as ['user:7']")),
    groups: optional(listOf(isGroup, "groups of 1 to 1000 characters of ASCII, such as ['prices']")),
    all: optional(yes),
    host: optional(hostRule),
  });
  if (urls === undefined && tags === undefined && groups === undefined && all === undefined) {
    throw invalid(
      'purge',
      'needs to be told what: { "urls": […] }, { "tags": […] }, { "groups": […] } or { "all": true }',
    );
  }
  const named = { urls: urls ?? [], tags: tags ?? [], groups: groups ?? [], all: all ?? false };
  const at = host === undefined ? hosts : [host];
  const written = named.urls.flatMap((text) => placesOf(urlIn(text), at));
  return { named, purge: { ...named, urls: written, groupHosts: at } };
}

/** Reads the URL of a request by the method PURGE. */
export function askedByTarget(target: string, hosts: readonly string[]): Asked {
  const url = urlIn(target);
  const named = { urls: [target], tags: [], groups: [], all: false };
  return { named, purge: { ...named, urls: placesOf(url, hosts), groupHosts: [] } };
}

function urlIn(text: string): WrittenUrl {
  const url = parseWrittenUrl(text);
  if (url !== undefined) return url;
  const form =
    'https://host/path?query or /path?query, percent-encoded, without a fragment and at most 4096 characters long';
  throw invalid('purge: urls', `has '${text.slice(0, 100)}'; write it as clients send it: ${form}`);
}

function placesOf({ authority, target }: WrittenUrl, hosts: readonly string[]): Purge['urls'] {
  return (authority === undefined ? hosts : [authority]).map((host) => ({ authority: host, target }));
}

const yes: OptionRule<true> = (value, where) => {
  if (value === true) return true;
  throw invalid(where, 'can only be true; leave it out for less than all');
};

const hostRule: OptionRule<string> = (value, where) => {
  const url = typeof value === 'string' ? parseWrittenUrl(`http://${value}`) : undefined;
  if (url?.authority !== undefined && url.authority === String(value).toLowerCase()) return url.authority;
  throw invalid(where, "must be a host with its port, if clients write one, such as 'shop.example:8080'");
};

function listOf(fits: (each: unknown) => boolean, what: string): OptionRule<readonly string[]> {
  return (value, where) => {
    const isList = Array.isArray(value) && value.length > 0 && value.length <= mostOfEach && value.every(fits);
    if (isList) return value as string[];
    throw invalid(where, `must be an array of 1 to ${mostOfEach} ${what}`);
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTag(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 200 && !/\p{Surrogate}/u.test(value);
}

/** RFC 9875 §2: a String of a Structured Field. */
function isGroup(value: unknown): boolean {
  return typeof value === 'string' && /^[ -~]{1,1000}$/.test(value);
}
