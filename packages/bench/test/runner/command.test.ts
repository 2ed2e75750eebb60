import { describe, expect, test } from '@jest/globals';
import { parseCommand, UsageError } from '../../src/runner/command.ts';

const names = ['stampede', 'hit'];

function refused(args: readonly string[]): string {
  try {
    parseCommand(args, names);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was not refused`);
}

describe('the command line', () => {
  test('names a benchmark, and how its figures are wanted', () => {
    expect(parseCommand(['hit'], names)).toEqual({ name: 'hit', json: false, check: false });
    expect(parseCommand(['--json', 'stampede', '--check'], names)).toEqual({
      name: 'stampede',
      json: true,
      check: true,
    });
  });

  test('without a name is told what there is', () => {
    expect(refused([])).toBe('Name a benchmark, as in "pnpm bench hit [--json] [--check]": there are hit, stampede.');
  });

  test('with an unknown name is told what there is', () => {
    expect(refused(['rocket'])).toBe('There is no benchmark "rocket": there are hit, stampede.');
    expect(refused(['../main'])).toMatch(/^There is no benchmark/);
  });

  test('has one name and no unknown option', () => {
    expect(refused(['hit', 'stampede'])).toBe('One benchmark at a time, not hit and stampede.');
    expect(refused(['hit', '--fast'])).toMatch(/--fast/);
  });
});
