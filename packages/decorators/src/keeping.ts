import type { Key, LoadContext, Strategy } from '@cache/core';
import type { Methods } from './methods.ts';
import type { Policy } from './policy.ts';
import type { Revival } from './revival.ts';
import type { TagsOption } from './tags.ts';

/** What a `@Cached` method says of how the values of its resource are kept, and where. */
export interface Keeping {
  readonly keyOf: (args: readonly unknown[]) => Key;
  readonly policy: Policy;
  readonly revival: Revival;
  readonly tags: TagsOption | undefined;
  readonly strategy: ((methods: Methods) => Strategy<unknown>) | undefined;
  /** Loads a value by a run of the method with these arguments. */
  readonly load: (run: () => Promise<unknown>, args: readonly unknown[], context: LoadContext<Key>) => Promise<unknown>;
}
