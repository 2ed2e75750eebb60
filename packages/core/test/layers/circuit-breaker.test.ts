import { expect, test } from '@jest/globals';
import { CircuitBreaker } from '../../src/layers/circuit-breaker.ts';

const failures = (breaker: CircuitBreaker, count: number): boolean[] =>
  Array.from({ length: count }, () => breaker.failed());

test('it opens at the failure that makes as many in a row as its threshold, and says so once', () => {
  const breaker = new CircuitBreaker(3);
  expect(failures(breaker, 2)).toEqual([false, false]);
  expect(breaker.open).toBe(false);
  expect(failures(breaker, 3)).toEqual([true, false, false]);
  expect(breaker.open).toBe(true);
});

test('a success begins the count anew', () => {
  const breaker = new CircuitBreaker(3);
  failures(breaker, 2);
  breaker.succeeded();
  expect(failures(breaker, 2)).toEqual([false, false]);
  expect(breaker.open).toBe(false);
});

test('a late success does not close it', () => {
  const breaker = new CircuitBreaker(1);
  breaker.failed();
  breaker.succeeded();
  expect(breaker.open).toBe(true);
});

test('closed again, it opens only after as many failures as before', () => {
  const breaker = new CircuitBreaker(2);
  failures(breaker, 5);
  breaker.close();
  expect(breaker.open).toBe(false);
  expect(failures(breaker, 2)).toEqual([false, true]);
});
