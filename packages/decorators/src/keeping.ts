import type { Key } from '@cache/core';
import type { Instances } from './instances.ts';
import type { Policy } from './policy.ts';
import type { TagsOption } from './tags.ts';

/** What a `@Cached` method says of how the values of its resource are kept, and where. */
export interface Keeping {
  keyOf(args: readonly unknown[]): Key;
  readonly policy: Policy;
  readonly instances: Instances | undefined;
  readonly tags: TagsOption | undefined;
}
