import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adHocSegment, address, checkKey, keyText } from '../../src/model/key.ts';
import { thrownBy } from '../support/failure.ts';

describe('the text of a key', () => {
  test.each([
    [42, '42'],
    ['42', '42'],
    [-0, '0'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    ['日本', '日本'],
  ])('of %p is %p', (key, text) => {
    expect(keyText(key)).toBe(text);
  });

  test.each([NaN, Infinity, -Infinity])('of %p is that of no key at all, not of the string', (key) => {
    expect(keyText(key)).toBe('');
  });
});

describe('a key', () => {
  test.each([0, -1, 1.5, Number.MAX_VALUE, 'a', ' ', '\0', 'a:b{c}%', 'a'.repeat(512), '😀', 'é'])(
    'may be %p',
    (key) => {
      expect(() => checkKey(key, 'user')).not.toThrow();
    },
  );

  test.each([
    ['', 'the key is empty; give the id of what you look for'],
    ['a'.repeat(513), 'the key has 513 characters, more than 512; give a hash of it'],
    ['😀'.repeat(257), 'the key has 514 characters, more than 512; give a hash of it'],
    ['a\uD800', 'the key is not well-formed Unicode (a lone surrogate)'],
    ['\uDC00a', 'the key is not well-formed Unicode (a lone surrogate)'],
    ['\uDC00\uD800', 'the key is not well-formed Unicode (a lone surrogate)'],
    [NaN, 'NaN is not a key; give a finite number'],
    [Infinity, 'Infinity is not a key; give a finite number'],
    [undefined, 'a key is a string or a number, not undefined'],
    [null, 'a key is a string or a number, not null'],
    [true, 'a key is a string or a number, not boolean'],
    [5n, 'a key is a string or a number, not bigint'],
    [{ id: 5 }, 'a key is a string or a number, not object'],
    [['5'], 'a key is a string or a number, not object'],
    [Symbol('5'), 'a key is a string or a number, not symbol'],
  ])('may not be %p', (key, fault) => {
    const error = thrownBy(() => checkKey(key, 'user'));
    expect(error).toMatchObject({ code: 'INVALID_KEY', resource: 'user' });
    expect(error.message).toBe(`resource 'user': ${fault}`);
  });

  test('that is accepted keeps its identity as UTF-8, in which shared tiers have it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(0xffff)),
        (text, units) => {
          const key = text + String.fromCharCode(...units);
          try {
            checkKey(key, 'user');
          } catch {
            return;
          }
          expect(Buffer.from(key, 'utf8').toString('utf8')).toBe(key);
        },
      ),
    );
  });
});

describe('an address', () => {
  test('has nothing that Redis Cluster reads as a slot, and the key as it is else', () => {
    expect(address('user', 'a:b{c}%')).toBe('user:a:b%7Bc%7D%25');
    expect(address(adHocSegment, 'report:may')).toBe(':report:may');
  });

  // Few different characters, all of them special to the encoding, so that near misses come up.
  const special = ['%', '{', '}', 'a', '7', 'B', 'D', '2', '5'];
  const text = fc.string({ unit: fc.constantFrom(':', ...special), maxLength: 6 });
  // A name of a resource has no colon, and more it may not have.
  const name = fc.string({ unit: fc.constantFrom(...special), maxLength: 6 });

  test('is never that of another resource or key', () => {
    fc.assert(
      fc.property(name, text, name, text, (segment, key, otherSegment, otherKey) => {
        const same = segment === otherSegment && key === otherKey;
        expect(address(segment, key) === address(otherSegment, otherKey)).toBe(same);
      }),
      {
        numRuns: 3_000,
        examples: [
          ['', 'a:b', 'a', 'b'],
          ['a', '%7B', 'a', '{'],
        ],
      },
    );
  });

  test('of the longest key is short enough for a store', () => {
    expect(Buffer.byteLength(address('r'.repeat(100), ':'.repeat(512)))).toBeLessThanOrEqual(2_048);
    expect(Buffer.byteLength(address('r'.repeat(100), '日'.repeat(512)))).toBeLessThanOrEqual(2_048);
  });
});
