import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entry } from '../../src/model/entry.ts';
import { CacheError } from '../../src/model/errors.ts';
import { decodeFrame, encodeFrame, formOf } from '../../src/model/frame.ts';
import { shapeOf } from '../../src/model/shape.ts';
import { nativeSerializer } from '../../src/serializers/native-serializer.ts';
import { thrownBy } from '../support/failure.ts';
import { richValue } from '../support/rich-value.ts';

const entry: Entry = {
  value: { id: 7, name: 'Ann' },
  createdAt: 1_767_225_600_000,
  freshUntil: 1_767_225_660_000,
  staleUntil: 1_767_225_720_000,
  graceUntil: 1_767_229_260_000,
  tags: ['#org:7', '#日本'],
  known: { generation: 'g1', at: 1_767_225_599_999_123 },
  loadMs: 12.5,
};
const version = 3;
const encoded = (value: unknown = entry.value): Buffer => encodeFrame({ ...entry, value }, version, nativeSerializer);
const decoded = (bytes: Uint8Array): Entry | undefined => decodeFrame(bytes, version, nativeSerializer);

describe('a frame', () => {
  test('gives back the entry that it was made of', () => {
    fc.assert(
      fc.property(
        fc.record({
          value: richValue.filter((value) => value !== undefined),
          createdAt: fc.nat(),
          freshUntil: fc.nat(),
          staleUntil: fc.nat(),
          graceUntil: fc.nat(),
          tags: fc.array(fc.string({ minLength: 1, unit: 'grapheme' })),
          known: fc.record({ generation: fc.string(), at: fc.maxSafeNat() }),
          loadMs: fc.double({ min: 0, noNaN: true }),
        }),
        fc.nat(),
        (some, shape) => {
          expect(decodeFrame(encodeFrame(some, shape, nativeSerializer), shape, nativeSerializer)).toEqual(some);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('tells by its form whether its value is plain', () => {
    fc.assert(
      fc.property(
        richValue.filter((value) => value !== undefined),
        (value) => {
          expect(nativeSerializer.isPlain!(formOf(encoded(value)))).toBe(shapeOf(value) === 'plain');
        },
      ),
    );
  });

  test('is read wherever it lies in a larger buffer', () => {
    const within = Buffer.concat([Buffer.alloc(13), encoded(new Date(5)), Buffer.alloc(7)]);
    expect(decoded(within.subarray(13, within.length - 7))).toEqual({ ...entry, value: new Date(5) });
    expect(decoded(new Uint8Array(encoded()))).toEqual(entry);
  });

  test('of another shape version is a miss and no fault', () => {
    expect(decodeFrame(encoded(), version + 1, nativeSerializer)).toBeUndefined();
  });

  test('of a value that bytes cannot give back is not made', () => {
    class Point {}
    expect(thrownBy(() => encoded({ at: new Point() })).code).toBe('UNSTORABLE_VALUE');
    expect(thrownBy(() => encoded(() => 1)).code).toBe('UNSTORABLE_VALUE');
  });
});

// What released versions wrote stays readable: lines are added here, none is ever changed.
const start = 'cac401';
const times =
  '00000003' + // shape version
  '4279b76daa800000' + // createdAt
  '4279b76db9260000' + // freshUntil
  '4279b76dc7cc0000' + // staleUntil
  '4279b771280e0000' + // graceUntil
  '43191d211880f24c' + // known instant
  '4029000000000000' + // loadMs
  '00000019'; // length of the tag section
const tags = '5b226731222c22236f72673a37222c2223e697a5e69cac225d';
const json = '00';
const structured = '01';

describe('a golden frame of format 1', () => {
  test.each<[string, string, string, unknown]>([
    [json, '00000015', '7b226964223a372c226e616d65223a22416e6e227d', { id: 7, name: 'Ann' }],
    [json, '00000004', '6e756c6c', null],
    [json, '00000001', '30', 0],
    [json, '00000002', '2222', ''],
    [json, '00000005', '66616c7365', false],
    [structured, '0000000b', 'ff0f440000000070999441', new Date(86_400_000)],
    [structured, '00000012', 'ff0f3b2201615a1001000000000000003a02', new Map([['a', 1n]])],
    [structured, '00000008', 'ff0f272201782c01', new Set(['x'])],
    [structured, '00000009', 'ff0f6f2201615f7b01', { a: undefined }],
    [structured, '00000008', 'ff0f5c0a03616263', Buffer.from('abc')],
    [structured, '0000000b', 'ff0f4e000000000000f87f', NaN],
  ])('in form %s of length %s with %s holds %p', (form, length, bytes, value) => {
    const golden = start + form + times + length + tags + bytes;
    expect(decoded(Buffer.from(golden, 'hex'))).toEqual({ ...entry, value });
  });

  test('is what is written today', () => {
    expect(encoded().toString('hex')).toBe(
      start + json + times + '00000015' + tags + '7b226964223a372c226e616d65223a22416e6e227d',
    );
  });
});

describe('bytes that are no frame of ours', () => {
  const frames = [encoded(), encoded(null), encoded(new Map([['a', [new Date(0), 5n, Buffer.from('abc'), /a/u]]]))];

  /** What comes of reading it: an entry, a miss, or the code of a CacheError. Anything else fails the test. */
  function outcome(bytes: Uint8Array): string {
    try {
      return decoded(bytes) === undefined ? 'miss' : 'entry';
    } catch (error) {
      if (error instanceof CacheError) return error.code;
      throw error;
    }
  }

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text of another program', Buffer.from('a value that another program has put under this very key, long enough')],
    ['zeros', Buffer.alloc(200)],
    ['a later format', Buffer.concat([Buffer.from('cac402', 'hex'), encoded().subarray(3)])],
    ['a form that no serializer has', Buffer.concat([Buffer.from('cac40109', 'hex'), encoded().subarray(4)])],
  ])('such as %s are told of as CORRUPT_FRAME', (_name, bytes) => {
    const error = thrownBy(() => decoded(bytes));
    expect(error.code).toBe('CORRUPT_FRAME');
    expect(error.message).toMatch(/^a record in the shared tier is ignored: /);
  });

  test('are told with what the serializer said', () => {
    const broken = encoded();
    broken[broken.length - 1] = 0;
    expect(thrownBy(() => decoded(broken)).cause).toBeInstanceOf(SyntaxError);
  });

  test('are every frame that was cut short', () => {
    for (const frame of frames)
      for (let length = 0; length < frame.length; length += 1) {
        expect(outcome(frame.subarray(0, length))).toBe('CORRUPT_FRAME');
      }
  });

  test('are every frame that something was added to', () => {
    for (const frame of frames) expect(outcome(Buffer.concat([frame, Buffer.alloc(1)]))).toBe('CORRUPT_FRAME');
  });

  test('make no other exception, whichever of them were changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...frames), changes, (frame, changed) => {
        const bytes = Buffer.from(frame);
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
        expect(['entry', 'miss', 'CORRUPT_FRAME']).toContain(outcome(bytes));
      }),
      { numRuns: 5_000 },
    );
  });

  test('make no other exception, whatever stands in the section of tags', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (section) => {
        const text = Buffer.from(JSON.stringify(section));
        const lengths = Buffer.alloc(8);
        lengths.writeUInt32BE(text.length, 0);
        lengths.writeUInt32BE(4, 4);
        const bytes = Buffer.concat([encoded().subarray(0, 56), lengths, text, Buffer.from('null')]);
        if (outcome(bytes) !== 'entry') return;
        // What is read as an entry must be one, or its judge would fall over it later.
        const { known, tags } = decoded(bytes)!;
        for (const each of [known.generation, ...tags]) expect(typeof each).toBe('string');
      }),
    );
  });
});
