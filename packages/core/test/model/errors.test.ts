import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { CacheError, type ErrorCode, errorCodes } from '@cache/core';
import { messageOf } from '../../src/model/errors.ts';

test.each(Object.keys(errorCodes) as ErrorCode[])('the code %s has a sentence that says what it tells', (code) => {
  expect(errorCodes[code].length).toBeGreaterThan(20);
});

test('an error carries its code, and where it came from', () => {
  const cause = new Error('ECONNRESET');
  const error = new CacheError('STORE_TIMEOUT', 'redis did not answer', {
    cause,
    resource: 'user',
    key: '7',
    store: 'redis',
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'CacheError',
    code: 'STORE_TIMEOUT',
    message: 'redis did not answer',
    cause,
    resource: 'user',
    key: '7',
    store: 'redis',
  });
  expect(String(error)).toBe('CacheError: redis did not answer');
});

test('an error without a cause has no field of that name', () => {
  expect('cause' in new CacheError('CLOSED', 'closed')).toBe(false);
});

test('a cause that is undefined is kept, since something was thrown', () => {
  expect('cause' in new CacheError('CLOSED', 'closed', { cause: undefined })).toBe(true);
});

test.each<[unknown, string]>([
  [new Error('refused'), 'refused'],
  [runInNewContext("new Error('of another realm')"), 'of another realm'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['text', "'text'"],
  [undefined, 'undefined'],
  [null, 'null'],
])('the message of whatever was thrown: %p', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
