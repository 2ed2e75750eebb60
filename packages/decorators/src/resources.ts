import { type Cache, CacheError } from '@cache/core';
import { classOptionsOf } from './cache-resource.ts';
import { type Declaration, inWords, replaces } from './declaration.ts';
import { declarationsOf } from './declared-methods.ts';
import type { MethodResource } from './method-resource.ts';
import { methodStrategy } from './method-strategy.ts';
import { processWide } from './process-wide.ts';

/** A resource, and what it was opened for: nothing else may use it, or the values of different methods would mix. */
interface Opened {
  readonly resource: MethodResource;
  readonly cached: Declaration;
  readonly owner: object | undefined;
}

const byCache = processWide('resources', () => new WeakMap<Cache, Map<string, Opened>>());

/**
 * The resource that a declaration is about in a class, opened at the first call of any of its methods.
 *
 * @throws CacheError `INVALID_OPTION` for a name that is missing or belongs to no `@Cached` method of the class or to two,
 * `DUPLICATE_RESOURCE` for one that another class has.
 */
export function resourceOf(cache: Cache, home: object, declaration: Declaration): MethodResource {
  const name = nameIn(home, declaration);
  const cached = cachedAs(name, home, declaration);
  const options = classOptionsOf(home);
  const opened = openedIn(cache);
  const known = opened.get(name);
  if (known === undefined) {
    const resource = cache.resource(name, methodStrategy(cached.keeping!, options?.policy));
    opened.set(name, { resource, cached, owner: options?.home });
    return resource;
  }
  if (known.cached === cached && known.owner === options?.home) return known.resource;
  const sentence = `${inWords(cached)} of another class has the name '${name}' in this cache already; give one of them another name, or write of: () => ThatClass on @Updates and @Evicts to share its values`;
  throw new CacheError('DUPLICATE_RESOURCE', sentence, { resource: name });
}

/** Whether another declaration in this class keeps values in the place of this one, which leaves it the work. */
export function isReplaced(home: object, declaration: Declaration): boolean {
  const all = declarationsOf(home);
  const index = all.indexOf(declaration);
  if (index === -1) return false;
  const later = all.slice(index + 1).filter((each) => replaces(each, declaration));
  return later.some((each) => nameIn(home, each) === nameIn(home, declaration));
}

/** The resources that methods have opened in a cache so far. */
export function resourcesIn(cache: Cache): MethodResource[] {
  return [...openedIn(cache).values()].map(({ resource }) => resource);
}

function openedIn(cache: Cache): Map<string, Opened> {
  const opened = byCache.get(cache) ?? new Map<string, Opened>();
  byCache.set(cache, opened);
  return opened;
}

function nameIn(home: object, declaration: Declaration): string {
  const name = declaration.name ?? classOptionsOf(home)?.name;
  if (name !== undefined) return name;
  const sentence = `${inWords(declaration)} has no name; write ${declaration.decorator}({ name: 'user', … }), or @CacheResource({ name: 'user' }) on the class`;
  throw new CacheError('INVALID_OPTION', sentence);
}

function cachedAs(name: string, home: object, asking: Declaration): Declaration {
  const all = declarationsOf(home).filter(
    (each) => each.keeping !== undefined && (each.name ?? classOptionsOf(home)?.name) === name,
  );
  const [cached, other] = all.filter((each, index) => !all.slice(index + 1).some((later) => replaces(later, each)));
  if (cached === undefined) {
    const sentence = `${inWords(asking)} is about '${name}', but no @Cached method of the class has that name; write of: () => TheClass that has it`;
    throw new CacheError('INVALID_OPTION', sentence, { resource: name });
  }
  if (other !== undefined) {
    const sentence = `${inWords(cached)} and ${inWords(other)} have one name, '${name}', and would mix their values; give one a name of its own, such as name: '${name}.${String(other.site.name)}'`;
    throw new CacheError('INVALID_OPTION', sentence, { resource: name });
  }
  return cached;
}
