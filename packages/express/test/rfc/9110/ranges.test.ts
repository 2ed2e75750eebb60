import { describe, expect, test } from '@jest/globals';
import { rangesOf } from '../../../src/http/ranges.ts';
import { Origin } from '../../support/origin.ts';
import { versions } from '../../support/stage.ts';

const headers = { 'Cache-Control': 'max-age=60', 'Content-Type': 'text/plain', ETag: '"a"' };
const whole = { headers, body: '0123456789' };

describe('RFC 9110 §14.2: of ten bytes', () => {
  test.each<[string, ReturnType<typeof rangesOf>]>([
    ['bytes=0-1', [{ first: 0, last: 1 }]],
    ['BYTES=8-', [{ first: 8, last: 9 }]],
    ['bytes=5-99', [{ first: 5, last: 9 }]],
    ['bytes=-3', [{ first: 7, last: 9 }]],
    ['bytes=-99', [{ first: 0, last: 9 }]],
    [
      'bytes=0-0, -1',
      [
        { first: 0, last: 0 },
        { first: 9, last: 9 },
      ],
    ],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=3-1', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0x1-2', undefined],
    ['lines=0-1', undefined],
    ['bytes=0-9, 0-9', undefined],
    [`bytes=${'9'.repeat(100)}-`, undefined],
    [`bytes=${Array.from({ length: 10_000 }, (_, at) => `${at}-${at}`).join(',')}`, undefined],
    [`bytes=${'0-0,'.repeat(17)}0-0`, undefined],
  ])('%s', (field, ranges) => {
    expect(rangesOf(field, 10)).toEqual(ranges);
  });
});

describe.each(versions)('RFC 9110 §14 on %s', (_name, framework) => {
  const stored = async (reply = whole): Promise<Origin> => {
    const origin = new Origin(framework, [reply]);
    await origin.fetch('/');
    return origin;
  };

  test('a part is cut out of what is stored', async () => {
    const origin = await stored();
    const answer = await origin.fetch('/', { range: 'bytes=2-4' });
    expect([answer.status, answer.message, String(answer.body)]).toEqual([206, 'Partial Content', '234']);
    expect(answer.headers).toMatchObject({
      'content-range': 'bytes 2-4/10',
      'content-length': '3',
      'content-type': 'text/plain',
      etag: '"a"',
      'cache-status': 'shop; hit; ttl=60',
    });
    expect(origin.runs).toBe(1);
  });

  test('several parts come as one of several parts (§14.6)', async () => {
    const origin = await stored();
    const answer = await origin.fetch('/', { range: 'bytes=0-1, -1' });
    expect(answer.status).toBe(206);
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(answer.headers['content-type']!)![1]!;
    expect(answer.headers).not.toHaveProperty('content-range');
    const part = (range: string, text: string): string =>
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/10\r\n\r\n${text}`;
    expect(String(answer.body)).toBe(`${part('0-1', '01')}${part('9-9', '9')}\r\n--${boundary}--\r\n`);
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
  });

  test('a part that is not there is told with the length (§15.5.17)', async () => {
    const answer = await (await stored()).fetch('/', { range: 'bytes=-0' });
    expect([answer.status, answer.body.length, answer.headers['content-range']]).toEqual([416, 0, 'bytes */10']);
  });

  test('ten thousand parts are answered with the whole', async () => {
    const range = `bytes=${Array.from({ length: 1_000 }, (_, at) => `${at}-${at}`).join(',')}`;
    const answer = await (await stored()).fetch('/', { range });
    expect([answer.status, String(answer.body)]).toEqual([200, '0123456789']);
  });

  test.each<[string, string, number]>([
    ['the same entity-tag', '"a"', 206],
    ['another entity-tag', '"b"', 200],
    ['a weak entity-tag', 'W/"a"', 200],
    ['a date without Last-Modified', 'Wed, 01 Jan 2020 00:00:00 GMT', 200],
    ['nonsense', 'soon', 200],
  ])('If-Range with %s (§13.1.5)', async (_what, condition, status) => {
    expect((await (await stored()).fetch('/', { range: 'bytes=0-1', 'if-range': condition })).status).toBe(status);
  });

  test('If-Range with the very date of a response that was older than a second', async () => {
    const modified = 'Wed, 01 Jan 2020 00:00:00 GMT';
    const dated = { headers: { ...headers, 'Last-Modified': modified, Date: 'Wed, 01 Jan 2025 00:00:09 GMT' } };
    const origin = await stored({ ...dated, body: 'abc' });
    origin.answering({ ...dated, headers: { ...dated.headers, 'Cache-Control': 'max-age=999999999' }, body: 'abc' });
    await origin.fetch('/2');
    const ask = { range: 'bytes=0-1', 'if-range': modified };
    expect((await origin.fetch('/2', ask)).status).toBe(206);
    expect((await origin.fetch('/2', { ...ask, 'if-range': 'Wed, 01 Jan 2020 00:00:01 GMT' })).status).toBe(200);
  });

  test('a condition comes before a part (§13.2.2)', async () => {
    expect((await (await stored()).fetch('/', { range: 'bytes=0-1', 'if-none-match': '"a"' })).status).toBe(304);
  });

  test('HEAD, and what is no 200, have no parts', async () => {
    const origin = await stored();
    expect((await origin.fetch('/', { range: 'bytes=0-1' }, 'HEAD')).status).toBe(200);
    const gone = await stored({ ...whole, status: 404 } as never);
    expect((await gone.fetch('/', { range: 'bytes=0-1' })).status).toBe(404);
  });

  test('what is not stored is cut by the handler, and its part is not kept', async () => {
    const part = { status: 206, headers: { ...headers, 'Content-Range': 'bytes 0-1/10' }, body: '01' };
    const origin = new Origin(framework, [part, whole], { mode: 'strict' });
    expect((await origin.fetch('/', { range: 'bytes=0-1' })).headers['cache-status']).toBe(
      'shop; fwd=uri-miss; detail=range',
    );
    expect(origin.seen[0]!.headers.range).toBe('bytes=0-1');
    expect(await origin.body()).toBe('0123456789');
  });

  test('a stale whole is not cut', async () => {
    const origin = await stored();
    await origin.clock.advance(61_000);
    await origin.fetch('/', { range: 'bytes=0-1' });
    expect(origin.seen[1]!.headers.range).toBe('bytes=0-1');
  });
});
