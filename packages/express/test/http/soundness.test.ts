import { describe, expect, test } from '@jest/globals';
import { cacheResponse } from '../../src/index.ts';
import { isSound } from '../../src/http/soundness.ts';
import type { StoredResponse } from '../../src/http/stored-response.ts';
import { responsesOf, type Stored } from '../../src/responses.ts';
import { Stage } from '../support/stage.ts';

const response: StoredResponse = {
  kind: 'response',
  status: 200,
  statusMessage: 'OK',
  headers: [
    ['Content-Type', 'text/plain'],
    ['Link', ['a', 'b']],
  ],
  removed: ['x-powered-by'],
  body: Buffer.from('from the store'),
  receivedAt: 0,
  age: 0,
  lifetime: 60_000,
  audience: 'anyone',
  staleWhileRevalidate: 0,
  staleIfError: 0,
  mustRevalidate: false,
  tags: ['a'],
  etag: '"a"',
  modified: 0,
};

const unsound: [string, unknown][] = [
  ['null', null],
  ['text', 'response'],
  ['another kind', { ...response, kind: 'page' }],
  ['a split header', { ...response, headers: [['X', 'a\r\nSet-Cookie: b']] }],
  ['a split line of a header', { ...response, headers: [['X', ['a', 'b\nc']]] }],
  ['a header name that is none', { ...response, headers: [['X Y', 'a']] }],
  ['headers of the wrong type', { ...response, headers: 'X: a' }],
  ['headers that are missing', { ...response, headers: undefined }],
  ['a split reason', { ...response, statusMessage: 'OK\r\n\r\n<script>' }],
  ['a reason that is missing', { ...response, statusMessage: undefined }],
  ['a status that is none', { ...response, status: 99 }],
  ['a status as text', { ...response, status: '200' }],
  ['a body of text', { ...response, body: 'text' }],
  ['a time that is none', { ...response, receivedAt: NaN }],
  ['an audience that is none', { ...response, audience: 'everyone' }],
  ['a stale use that is none', { ...response, staleIfError: '1' }],
  ['a response of an older shape', { ...response, mustRevalidate: undefined }],
  ['tags that are none', { ...response, tags: [1] }],
  ['an entity-tag that is none', { ...response, etag: 1 }],
  ['a date that is none', { ...response, modified: 'today' }],
  ['a rule without fields', { kind: 'vary', id: 'x' }],
  ['a rule with fields that are none', { kind: 'vary', id: 'x', fields: [1] }],
];

describe('what a shared tier holds is used only if it is sound', () => {
  test('a response and a rule are', () => {
    expect(isSound(response)).toBe(true);
    expect(isSound({ kind: 'vary', id: 'x', fields: ['accept'] })).toBe(true);
  });

  test.each(unsound)('%s is not', (_what, stored) => {
    expect(isSound(stored)).toBe(false);
  });

  test.each(unsound)('%s is replaced by the handler’s answer', async (_what, stored) => {
    const stage = new Stage();
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.send('made'));
    const key = `http://localhost:${stage.port}/`;
    await responsesOf(stage.cache).getOrLoad(key, () => stored as Stored);
    expect(String((await stage.fetch('/')).body)).toBe('made');
    expect(await stage.status('/')).toBe('shop; hit; ttl=60');
  });
});
