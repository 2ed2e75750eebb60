import { types } from 'node:util';
import type { AnyClass, Conversion } from '@cache/core';
import type { Exclude } from 'class-transformer';

/** class-transformer, where it is installed. */
export interface Transformer {
  /** Whether its decorators are on the class, or on one that this extends. */
  concerns(type: AnyClass): boolean;
  conversionOf(type: AnyClass, groups: readonly string[] | undefined): Conversion;
}

let loading: Promise<Transformer | undefined> | undefined;

/** Loads the package once in a process; `undefined` where it is not installed. */
export function loadTransformer(): Promise<Transformer | undefined> {
  return (loading ??= load());
}

async function load(): Promise<Transformer | undefined> {
  const transformer = await installed(() => import('class-transformer'));
  if (transformer === undefined) return undefined;
  const storage = await storageOf(transformer);
  return {
    concerns: (type) => storage === undefined || lineOf(type).some((each) => storage.some((map) => map.has(each))),
    conversionOf: (type, groups) => {
      const options = groups === undefined ? {} : { groups: [...groups] };
      return {
        toPlain: (instance) => transformer.instanceToPlain(instance, options),
        toInstance: (plain) => transformer.plainToInstance(type as new () => object, plain, options),
      };
    },
  };
}

/** By class what its decorators have noted, by kind of decorator; `undefined` where that cannot be told. */
type Storage = readonly ReadonlyMap<unknown, unknown>[];

const kinds = ['_typeMetadatas', '_transformMetadatas', '_exposeMetadatas', '_excludeMetadatas'];

/**
 * It has no public way to ask whether a class has decorators. If what is found is not what they write to, because a
 * bundler has made a copy or a version has changed, every class is taken to have some, which is slow and never wrong.
 */
async function storageOf(transformer: { readonly Exclude: typeof Exclude }): Promise<Storage | undefined> {
  // Named by a variable, so that no bundler puts a second copy beside the one that is in use.
  const path: string = 'class-transformer/cjs/storage.js';
  const module = (await installed(() => import(path))) as
    { defaultMetadataStorage?: Record<string, unknown> } | undefined;
  const maps = kinds.map((kind) => module?.defaultMetadataStorage?.[kind]);
  if (!maps.every(types.isMap)) return undefined;
  class Probe {}
  transformer.Exclude()(Probe.prototype, 'probe');
  return maps.some((map) => map.has(Probe)) ? maps : undefined;
}

async function installed<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    // `ERR_MODULE_NOT_FOUND`, `MODULE_NOT_FOUND` or `ERR_PACKAGE_PATH_NOT_EXPORTED`
    const { code, message } = error as { code?: string; message?: string };
    if (/NOT_FOUND|NOT_EXPORTED/.test(code ?? '') && message?.includes('class-transformer') === true) return undefined;
    throw error;
  }
}

function lineOf(type: AnyClass): unknown[] {
  const line: unknown[] = [];
  for (let each: unknown = type; typeof each === 'function'; each = Object.getPrototypeOf(each)) line.push(each);
  return line;
}
