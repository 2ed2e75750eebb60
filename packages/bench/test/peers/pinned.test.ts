import { describe, expect, test } from '@jest/globals';
import { pinned, specifiersOf } from '../../src/peers/pinned.ts';

describe('what npm is to install', () => {
  test('names every peer in the one version that is measured, in an order that does not depend on who asks', () => {
    const specifiers = [`bentocache@${pinned.bentocache}`, `ioredis@${pinned.ioredis}`];
    expect(specifiersOf(['ioredis', 'bentocache'])).toEqual(specifiers);
    expect(specifiersOf(['bentocache', 'ioredis'])).toEqual(specifiers);
    expect(specifiersOf([])).toEqual([]);
  });

  test('has beside a peer what that takes from there, in one version too, and once', () => {
    const specifiers = specifiersOf(['@keyv/redis', 'cache-manager', '@keyv/redis']);
    expect(specifiers).toEqual([
      `@keyv/redis@${pinned['@keyv/redis']}`,
      `cache-manager@${pinned['cache-manager']}`,
      expect.stringMatching(/^keyv@5\.\d+\.\d+$/),
    ]);
  });
});
