import { describe, expect, test } from '@jest/globals';
import {
  duration,
  fraction,
  func,
  having,
  identifier,
  integer,
  oneOf,
  optional,
  type OptionRule,
  parseOptions,
  positiveDuration,
  required,
  withDefault,
} from '../../src/model/options.ts';
import { thrownBy } from '../support/failure.ts';

const rules = { ttl: optional(duration), negativeTtl: optional(duration), jitter: withDefault(fraction, 0.1) };

describe('a set of options', () => {
  test('is read by its rules, and what was not given takes its default', () => {
    expect(parseOptions('cacheAside', { ttl: '1s' }, rules)).toEqual({
      ttl: 1_000,
      negativeTtl: undefined,
      jitter: 0.1,
    });
  });

  test('may be missing altogether', () => {
    expect(parseOptions('cacheAside', undefined, rules)).toEqual({ jitter: 0.1 });
  });

  test('may name an option and leave it undefined', () => {
    expect(parseOptions('cacheAside', { jitter: undefined }, rules)).toEqual({ jitter: 0.1 });
  });

  test.each([null, [], 'ttl', 5, () => undefined])('cannot be %p', (given) => {
    const error = thrownBy(() => parseOptions('cacheAside', given, rules));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toBe('cacheAside takes one object of options, such as { ttl: … }');
  });

  test('takes nothing from a prototype', () => {
    const inherited = Object.create({ jitter: 0.5, unknown: 1 }) as object;
    expect(parseOptions('cacheAside', inherited, rules)).toEqual({ jitter: 0.1 });
  });

  test('names the place of a fault', () => {
    expect(thrownBy(() => parseOptions('cacheAside', { ttl: 'soon' }, rules)).message).toMatch(/^cacheAside: ttl: /);
  });
});

describe('an unknown option', () => {
  const known = { ttl: optional(duration), negativeTtl: optional(duration), maxLocalStaleness: optional(duration) };

  test.each([
    ['tll', 'ttl'],
    ['TTL', 'ttl'],
    ['negativeTTL', 'negativeTtl'],
    ['negativTtl', 'negativeTtl'],
    ['maxLocalStalenes', 'maxLocalStaleness'],
  ])('%p is refused with the nearest name, %p', (given, nearest) => {
    const error = thrownBy(() => parseOptions('cacheAside', { [given]: 1 }, known));
    expect(error.code).toBe('UNKNOWN_OPTION');
    expect(error.message).toBe(`cacheAside has no option '${given}'; did you mean '${nearest}'?`);
  });

  test('that is near to none is refused with all there are', () => {
    expect(thrownBy(() => parseOptions('cacheAside', { compression: true }, known)).message).toBe(
      "cacheAside has no option 'compression'; it has 'ttl', 'negativeTtl', 'maxLocalStaleness'",
    );
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('may be called %p', (name) => {
    const given = JSON.parse(`{ "${name}": 1 }`) as object;
    expect(thrownBy(() => parseOptions('cacheAside', given, known)).code).toBe('UNKNOWN_OPTION');
  });

  test('is refused even if it is undefined', () => {
    expect(thrownBy(() => parseOptions('cacheAside', { tll: undefined }, known)).code).toBe('UNKNOWN_OPTION');
  });

  test('with a name of a million characters costs no time and no wall of text', () => {
    const error = thrownBy(() => parseOptions('cacheAside', { ['t'.repeat(1_000_000)]: 1 }, known));
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('a rule says what is wrong in a sentence:', () => {
  interface Pet {
    bark(): void;
  }
  test.each<[string, OptionRule<unknown>, unknown, string]>([
    ['required', required(duration, 'ttl: 1'), undefined, 'x is missing; write ttl: 1'],
    ['positiveDuration', positiveDuration, 0, 'x must be longer than zero'],
    ['positiveDuration', positiveDuration, '0s', 'x must be longer than zero'],
    ['func', func(), 5, 'x must be a function, not number'],
    ['func', func(), null, 'x must be a function, not null'],
    ['func', func(), [], 'x must be a function, not an array'],
    ['having', having<Pet>('a pet', 'bark'), undefined, 'x must be a pet, not undefined'],
    ['having', having<Pet>('a pet', 'bark'), null, 'x must be a pet, not null'],
    ['having', having<Pet>('a pet', 'bark'), () => undefined, 'x must be a pet, not function'],
    ['having', having<Pet>('a pet', 'bark'), { bark: 'loud' }, 'x must be a pet, not object'],
    ['integer', integer(1, 5), 0, 'x must be a whole number from 1 to 5, not 0'],
    ['integer', integer(1, 5), 6, 'x must be a whole number from 1 to 5, not 6'],
    ['integer', integer(1, 5), 1.5, 'x must be a whole number from 1 to 5, not 1.5'],
    ['integer', integer(1, 5), '3', "x must be a whole number from 1 to 5, not '3'"],
    ['fraction', fraction, -0.1, 'x must be a number from 0 to 1, not -0.1'],
    ['fraction', fraction, 1.1, 'x must be a number from 0 to 1, not 1.1'],
    ['fraction', fraction, NaN, 'x must be a number from 0 to 1, not NaN'],
    ['fraction', fraction, '0.5', "x must be a number from 0 to 1, not '0.5'"],
    ['oneOf', oneOf('a', 'b', 'c'), 'd', "x must be 'a' or 'b' or 'c', not 'd'"],
    ['identifier', identifier, '', 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
    ['identifier', identifier, 'a b', 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
    ['identifier', identifier, 'a:b', 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
    ['identifier', identifier, 'a\n', 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
    ['identifier', identifier, 'a'.repeat(101), 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
    ['identifier', identifier, 5, 'x must be 1 to 100 letters, digits, "_", "." or "-"'],
  ])('%s refuses what does not fit (%#)', (_name, rule, given, sentence) => {
    const error = thrownBy(() => rule(given, 'x'));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toBe(sentence);
  });

  test.each<[string, OptionRule<unknown>, unknown]>([
    ['required', required(integer(0, 5), 'n: 0'), 0],
    ['positiveDuration', positiveDuration, 1],
    ['func', func(), () => undefined],
    ['having', having<Pet>('a pet', 'bark'), { bark: () => undefined }],
    ['integer', integer(1, 5), 5],
    ['fraction', fraction, 0],
    ['fraction', fraction, 1],
    ['oneOf', oneOf('a', 'b'), 'b'],
    ['identifier', identifier, 'shop.v2-eu_1'],
    ['withDefault', withDefault(integer(0, 5), 3), 0],
  ])('%s takes what fits as it is (%#)', (_name, rule, given) => {
    expect(rule(given, 'x')).toBe(given);
  });

  test('a value that has no text of its own is still told of', () => {
    expect(thrownBy(() => integer(1, 5)(Symbol('five'), 'x')).message).toContain('not symbol');
    expect(thrownBy(() => integer(1, 5)(Object.create(null), 'x')).code).toBe('INVALID_OPTION');
    expect(thrownBy(() => fraction(Object.create(null), 'x')).code).toBe('INVALID_OPTION');
    expect(thrownBy(() => oneOf('a')(Object.create(null), 'x')).code).toBe('INVALID_OPTION');
  });
});
