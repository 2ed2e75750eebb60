import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const esbuild = join(__dirname, '../../../node_modules/.bin/esbuild');
const program = join(__dirname, 'support/names.process.ts');

interface Printed {
  readonly found: string[];
  readonly values: unknown[];
}

/** What the program prints, built by esbuild. */
function built(mode: 'standard' | 'legacy', ...options: string[]): Printed & { readonly code: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cache-built-'));
  const file = join(folder, 'program.mjs');
  const compilerOptions = { experimentalDecorators: mode === 'legacy', target: 'es2022' };
  try {
    execFileSync(esbuild, [
      ...[program, '--bundle', '--platform=node', '--format=esm', '--target=es2022', '--conditions=@cache/source'],
      ...['--external:class-transformer', '--log-level=warning', `--outfile=${file}`],
      `--tsconfig-raw=${JSON.stringify({ compilerOptions })}`,
      ...options,
    ]);
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    return { ...(JSON.parse(printed) as Printed), code: readFileSync(file, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(['standard', 'legacy'] as const)('a build by esbuild, with %s decorators', (mode) => {
  test.each([[[]], [['--minify']], [['--minify', '--keep-names']]])(
    'has the keys of its source, whatever its classes are called: %j',
    (options) => {
      const { found, values, code } = built(mode, ...options);
      expect(/class Repository|Repository = class/.test(code)).toBe(options.length === 0);
      expect(found).toEqual([
        'user 1',
        'order 1',
        'admin 1',
        'user.byFilter ({"name":"Ann","page":1})',
        'order.count ()',
      ]);
      expect(values).toEqual([
        'user 1',
        'order 1',
        'admin user 1',
        'admin user 1',
        'Ann',
        1,
        '({"name":"Ann","page":1})',
        1,
        expect.stringMatching(/@Cached find\(\) has no name; write @Cached\(\{ name: 'user'/),
      ]);
    },
  );
});
