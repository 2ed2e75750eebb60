import type { SharedSpace, SharedStore } from '@cache/core';

/** A shared store whose server is gone: every call rejects. */
export function deadStore(): SharedStore {
  const fail = (): Promise<never> => Promise.reject(new Error('connection refused'));
  const space: SharedSpace = {
    read: fail,
    lease: fail,
    extend: fail,
    fill: fail,
    replace: fail,
    release: fail,
    mark: fail,
    commit: fail,
    evict: fail,
    invalidate: fail,
    tags: fail,
    ping: fail,
    reset: () => undefined,
    close: () => Promise.resolve(),
  };
  return { name: 'dead', scope: 'shared', capabilities: { conditionalFill: true }, deadline: 50, open: () => space };
}
