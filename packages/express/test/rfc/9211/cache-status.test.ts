import { describe, expect, test } from '@jest/globals';
import { Origin } from '../../support/origin.ts';
import { versions } from '../../support/stage.ts';

describe.each(versions)('RFC 9211 on %s', (_name, framework) => {
  const fresh = { headers: { 'Cache-Control': 'max-age=60', ETag: '"a"' } };

  test('every answer tells what the cache did', async () => {
    const origin = new Origin(framework, [fresh]);
    expect(await origin.status('/')).toBe('shop; fwd=uri-miss; stored');
    await origin.clock.advance(15_500);
    expect(await origin.status('/')).toBe('shop; hit; ttl=44');
    expect(await origin.status('/', {}, 'HEAD')).toBe('shop; hit; ttl=44');
    expect(await origin.status('/', { range: 'bytes=0-0' })).toBe('shop; hit; ttl=44');
    expect(await origin.status('/', { 'if-none-match': '"a"' })).toBe('shop; hit; ttl=44');
    expect(await origin.status('/', {}, 'POST')).toBe('shop; fwd=method');
    expect(await origin.status('/', { 'if-match': '"a"' })).toBe('shop; fwd=bypass; detail=precondition');
    expect(await origin.answering({ status: 500 }).status('/new')).toBe('shop; fwd=uri-miss; detail=status');
  });

  test('nothing of a secret is told', async () => {
    const origin = new Origin(framework, [fresh], { key: () => 'secret', scope: () => 'secret' });
    for (let time = 0; time < 2; time += 1) {
      const headers = { authorization: 'Bearer secret', cookie: 'sid=secret' };
      expect(await origin.status('/?token=secret', headers)).not.toContain('secret');
    }
  });
});
