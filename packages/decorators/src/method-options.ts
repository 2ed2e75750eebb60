import { type AnyClass, func, identifier, optional } from '@cache/core';
import { type CacheOption, cacheRule } from './cache-option.ts';

/** What every decorator of methods can be told. */
export interface MethodOptions {
  /** The resource. Default: that of `@CacheResource`. Never the name of the method, which minifiers change. */
  name?: string;
  /** Default: `this.cache`, the cache of `@CacheResource`, or what `setDefaultCache` was given. */
  cache?: CacheOption;
}

/** What decorators can be told that change what a `@Cached` method has cached. */
export interface ChangeOptions extends MethodOptions {
  /** The class that has the `@Cached` method, where it is another one. */
  of?: () => AnyClass;
}

/** The rules of `MethodOptions`. */
export const methodRules = { name: optional(identifier), cache: cacheRule };

/** The rules of `ChangeOptions`. */
export const changeRules = { ...methodRules, of: optional(func<() => AnyClass>()) };
