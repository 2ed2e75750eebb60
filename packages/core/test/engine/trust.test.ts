import { describe, expect, test } from '@jest/globals';
import { ownTruth, Trust } from '../../src/engine/trust.ts';

describe('where nobody tells of changes', () => {
  test('a value is believed for a while', () => {
    expect(new Trust(1_000).until(50, true)).toBe(1_050);
    expect(new Trust(1_000).hears).toBe(false);
  });

  test('a process that shares with nobody believes itself', () => {
    expect([ownTruth.until(50, true), ownTruth.isLost(50)]).toEqual([Infinity, false]);
  });
});

describe('while every change is heard of', () => {
  test('a value is believed until one is, if it was true when that began', () => {
    const trust = new Trust(1_000);
    trust.hear(100);
    expect([trust.until(99, true), trust.until(100, true)]).toEqual([1_099, Infinity]);
  });

  test('hearing more of it later takes nothing back', () => {
    const trust = new Trust(1_000);
    trust.hear(100);
    trust.hear(200);
    expect(trust.until(150, true)).toBe(Infinity);
  });

  test('a doubt ends belief in what was true before it, and in nothing later', () => {
    const trust = new Trust(1_000);
    trust.hear(100);
    trust.doubt(300);
    expect([trust.isLost(300), trust.isLost(301)]).toEqual([true, false]);
    expect([trust.until(299, true), trust.until(301, true)]).toEqual([1_299, Infinity]);
  });

  test('a doubt is not undone by hearing of what was said before it', () => {
    const trust = new Trust(1_000);
    trust.hear(100);
    trust.doubt(300);
    trust.hear(200);
    expect(trust.until(250, true)).toBe(1_250);
  });
});

test('where only changes of what is stored are heard of, a value that is not stored is believed for a while', () => {
  const trust = new Trust(1_000, 'stored');
  trust.hear(100);
  expect([trust.until(150, true), trust.until(150, false)]).toEqual([Infinity, 1_150]);
});

test('once nothing is heard any longer, values are believed for a while again', () => {
  const trust = new Trust(1_000);
  trust.hear(100);
  trust.lose(300);
  expect([trust.hears, trust.isLost(300), trust.until(400, true)]).toEqual([false, true, 1_400]);
  trust.hear(250);
  expect([trust.until(299, true), trust.until(300, true)]).toEqual([1_299, Infinity]);
});
