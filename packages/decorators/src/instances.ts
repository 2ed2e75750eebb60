import { CacheError } from '@cache/core';
import type { instanceToPlain, plainToInstance } from 'class-transformer';

/** A class whose instances come out of the cache. */
export type Class<E> = new (...args: never[]) => E;

/** How values of a resource become plain data, and instances again. */
export interface Instances {
  readonly dehydrate: (value: unknown) => unknown;
  readonly revive: (plain: unknown) => unknown;
  /** Resolves once the two can be used. */
  readonly ready: () => Promise<void>;
}

interface Transformer {
  readonly instanceToPlain: typeof instanceToPlain;
  readonly plainToInstance: typeof plainToInstance;
}

/**
 * Instances of the class by class-transformer, whose decorators on the class (`@Type`, `@Expose`, `@Exclude`) count.
 * An array becomes an array of instances. The package is loaded when it is first needed.
 */
export function instancesOf(type: () => Class<object>): Instances {
  let transformer: Transformer | undefined;
  return {
    dehydrate: (value) => transformer!.instanceToPlain(value),
    revive: (plain) => transformer!.plainToInstance(type() as new () => object, plain),
    ready: async () => {
      transformer ??= await load();
    },
  };
}

async function load(): Promise<Transformer> {
  try {
    return await import('class-transformer');
  } catch (cause) {
    const sentence =
      '`type` needs the package class-transformer; install it: npm install class-transformer reflect-metadata';
    throw new CacheError('MISSING_PACKAGE', sentence, { cause });
  }
}
