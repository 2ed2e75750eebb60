import { describe, expect, test } from '@jest/globals';
import { address } from '../../../src/model/key.ts';
import { KeySpace } from '../../../src/stores/redis/key-space.ts';

const keys = new KeySpace('shop');

test('a value, its lease and its writers are in one slot of a cluster, under the namespace', () => {
  expect(keys.of('user:42')).toEqual(['shop:{user:42}:v', 'shop:{user:42}:l', 'shop:{user:42}:w']);
});

test.each(['user:42', address('', 'report:may'), address('user', '{}'), '!user:1'])(
  'the change of a value’s key leads back to its address: %s',
  (at) => {
    expect(keys.changedBy(keys.of(at)[0])).toEqual({ kind: 'value', address: at });
  },
);

describe('of no interest is', () => {
  const [, lease, writers] = keys.of('user:42');
  test.each([lease, writers, 'shop:bus', 'shop:{user:42}:other', 'other:{user:42}:v', 'shop:'])('%s', (key) => {
    expect(keys.changedBy(key)).toBeUndefined();
  });
});

test.each(keys.tags)('the record of tags is told of as such: %s', (key) => {
  expect(keys.changedBy(key)).toEqual({ kind: 'tags' });
});
