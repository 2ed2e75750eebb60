import type { Key } from '@cache/core';
import type { MethodInstances } from './instances.ts';
import type { Policy } from './policy.ts';
import type { TagsOption } from './tags.ts';

/** What a `@Cached` method says of how the values of its resource are kept, and where. */
export interface Keeping {
  keyOf(args: readonly unknown[]): Key;
  readonly policy: Policy;
  readonly revival: Revival;
  readonly tags: TagsOption | undefined;
}

/** How instances come back: by `type`, or by functions of the user's own. */
export interface Revival {
  readonly type: MethodInstances | undefined;
  readonly revive: ((plain: unknown) => unknown) | undefined;
  readonly dehydrate: ((value: unknown) => unknown) | undefined;
}
