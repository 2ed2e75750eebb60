import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { handOut, isolation, type IsolationMode, revived, withoutClasses } from '../../src/engine/isolation.ts';
import { thrownBy } from '../support/failure.ts';
import { mutableParts, richValue } from '../support/rich-value.ts';

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  get euros(): number {
    return this.cents / 100;
  }
}

const modes: IsolationMode[] = ['freeze', 'clone'];

describe.each(modes)('in the mode %s', (mode) => {
  const { keep, adopt, forWriter } = isolation(mode);

  test('what callers get is equal to what was kept, whatever became of the original', () => {
    fc.assert(
      fc.property(richValue, (value) => {
        const kept = keep(value);
        expect(handOut(kept)).toEqual(value);
        expect(handOut(kept)).toEqual(handOut(kept));
      }),
      { numRuns: 300 },
    );
  });

  test('a value out of a shared tier does not hold on to the reply that it came with', () => {
    const reply = new Uint8Array(100_000);
    const { value } = adopt([reply.subarray(8, 16)]);
    expect((value as [Uint8Array])[0].buffer.byteLength).toBe(8);
  });

  test("nothing of the caller's own is frozen, and nothing of it is shared", () => {
    fc.assert(
      fc.property(richValue, (value) => {
        const own = [...mutableParts(value)];
        const frozen = own.map((part) => Object.isFrozen(part));
        const got = mutableParts(handOut(keep(value)));
        expect(own.map((part) => Object.isFrozen(part))).toEqual(frozen);
        expect(own.filter((part) => got.has(part))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('what becomes of the original changes nothing', () => {
    const original = { at: new Date(0), lines: [1] };
    const plain = { lines: [1] };
    const kept = [keep(original), keep(plain)];
    original.at.setTime(5);
    original.lines.push(2);
    plain.lines.push(2);
    expect(kept.map(handOut)).toEqual([{ at: new Date(0), lines: [1] }, { lines: [1] }]);
  });

  test('nobody can change what the next caller gets', () => {
    const kept = keep({ at: new Date(0), tags: new Set(['a']), lines: [{ id: 1 }] });
    const first = handOut(kept) as { at: Date; tags: Set<string>; lines: { id: number }[] };
    first.at.setTime(5);
    first.tags.add('b');
    first.lines.push({ id: 2 });
    first.lines[0]!.id = 9;
    expect(handOut(kept)).toEqual({ at: new Date(0), tags: new Set(['a']), lines: [{ id: 1 }] });
  });

  test.each([
    ['an instance', new Money(5)],
    ['an instance deep inside', { price: [new Money(5)] }],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a method', { get: () => 1 }],
  ])('%s is not kept, and the sentence says what to declare', (_name, value) => {
    const error = thrownBy(() => keep(value));
    expect(error.code).toBe('UNSTORABLE_VALUE');
    expect(error.message).toContain('`revive`');
    expect(error.message).toContain("isolation: 'shared'");
  });

  test('a writer gets a copy of its own, which it may change', () => {
    const kept = keep({ lines: [1] });
    const mine = forWriter(kept) as { lines: number[] };
    mine.lines.push(2);
    expect(handOut(kept)).toEqual({ lines: [1] });
  });

  test('a value is taken to be plain where its serializer says so, without a look at it', () => {
    const money = new Money(5);
    expect(() => adopt(money)).toThrow(/class instances/);
    expect(adopt(money, true).value).toBe(money);
  });

  test('plain data that came from a tier is kept as it is, without one more copy', () => {
    const value = { lines: [1] };
    expect(adopt(value).value).toBe(value);
  });

  test.each([null, 0, '', false, 5n, undefined])('%p is kept as it is', (value) => {
    expect(handOut(keep(value))).toBe(value);
  });
});

test('plain data is frozen all the way down, and every caller shares it at no cost', () => {
  const { keep, adopt } = isolation('freeze');
  for (const kept of [keep({ lines: [{ id: 1 }] }), adopt({ lines: [{ id: 1 }] })]) {
    expect(kept.handOut).toBeUndefined();
    for (const part of mutableParts(handOut(kept))) expect(Object.isFrozen(part)).toBe(true);
  }
});

test("in the mode clone every caller's copy is its own to change", () => {
  const kept = isolation('clone').keep({ lines: [{ id: 1 }] });
  const [first, second] = [handOut(kept), handOut(kept)] as { lines: { id: number }[] }[];
  first!.lines[0]!.id = 9;
  expect(second).toEqual({ lines: [{ id: 1 }] });
  expect(handOut(kept)).toEqual({ lines: [{ id: 1 }] });
});

test('in the mode shared everybody has the very object, whatever it is', () => {
  const { keep, adopt, forWriter } = isolation('shared');
  for (const value of [new Money(5), { lines: [] }, () => 1, Symbol('x')]) {
    expect(handOut(keep(value))).toBe(value);
    expect(handOut(adopt(value))).toBe(value);
    expect(forWriter(keep(value))).toBe(value);
  }
  expect(Object.isFrozen(handOut(keep({})))).toBe(false);
});

describe('revived values', () => {
  const { keep, adopt, forWriter } = revived(withoutClasses, (plain) => new Money((plain as { cents: number }).cents));

  test('are instances on a miss and on a hit, each a new one', () => {
    const original = new Money(150);
    for (const kept of [keep(original), adopt({ cents: 150 })]) {
      const [first, second] = [handOut(kept), handOut(kept)] as Money[];
      expect([first!.euros, second!.euros]).toEqual([1.5, 1.5]);
      expect(first).toBeInstanceOf(Money);
      expect(first).not.toBe(second);
      expect(first).not.toBe(original);
    }
  });

  test('are kept as plain data, which any tier can store', () => {
    expect(keep(new Money(150)).value).toEqual({ cents: 150 });
    expect(Object.getPrototypeOf(keep(new Money(150)).value)).toBe(Object.prototype);
  });

  test('leave null alone', () => {
    expect([handOut(keep(null)), handOut(adopt(null))]).toEqual([null, null]);
  });

  test('reach a writer as instances too', () => {
    expect(forWriter(keep(new Money(150)))).toBeInstanceOf(Money);
  });

  test('may change what they were given to be made of, and harm nobody', () => {
    const greedy = revived(withoutClasses, (plain) => {
      (plain as { lines: number[] }).lines.push(9);
      return plain;
    });
    const kept = greedy.keep({ lines: [1] });
    expect([handOut(kept), handOut(kept)]).toEqual([{ lines: [1, 9] }, { lines: [1, 9] }]);
  });
});

describe('a value without classes', () => {
  test('has the own fields of instances, all the way down, and keeps what is cloneable as it is', () => {
    const at = new Date(5);
    const bytes = Buffer.from('abc');
    class Line {
      price = new Money(5);
      at = at;
    }
    const value = { lines: [new Line()], byName: new Map([['a', new Money(1)]]), all: new Set([new Money(2)]), bytes };
    expect(withoutClasses(value)).toEqual({
      lines: [{ price: { cents: 5 }, at }],
      byName: new Map([['a', { cents: 1 }]]),
      all: new Set([{ cents: 2 }]),
      bytes,
    });
    const plain = withoutClasses(value) as { lines: object[] };
    expect(Object.getPrototypeOf(plain.lines[0])).toBe(Object.prototype);
    expect(() => isolation('clone').keep(plain)).not.toThrow();
  });
});
