import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';

export type DecoratorMode = 'standard' | 'legacy';

/** Makes CommonJS of TypeScript files of one folder, in their order. */
export type Compiled = (paths: readonly string[]) => readonly string[];

export function compiledBySwc(mode: DecoratorMode): Compiled {
  const legacy = { legacyDecorator: true, decoratorMetadata: true };
  const transform = mode === 'legacy' ? legacy : { decoratorVersion: '2022-03' as const };
  return (paths) =>
    paths.map((path) => {
      const parser = { syntax: 'typescript', decorators: true } as const;
      const { code } = transformFileSync(path, {
        jsc: { parser, transform, target: 'es2022' },
        module: { type: 'commonjs' },
      });
      return code;
    });
}

export function compiledByTsc(mode: DecoratorMode): Compiled {
  const tsc = join(__dirname, '../../../../node_modules/.bin/tsc');
  const legacy = ['--experimentalDecorators', '--emitDecoratorMetadata'];
  const options = [
    ...['--ignoreConfig', '--target', 'es2022', '--module', 'commonjs', '--moduleResolution', 'bundler'],
    // What it has to say of types is the business of `pnpm check types`.
    ...['--noCheck', '--isolatedModules', '--noResolve', '--rewriteRelativeImportExtensions'],
    ...(mode === 'legacy' ? legacy : []),
  ];
  return (paths) => {
    const outDir = mkdtempSync(join(tmpdir(), 'cache-compiled-'));
    try {
      execFileSync(tsc, [...options, '--rootDir', dirname(paths[0]!), '--outDir', outDir, ...paths], {
        stdio: 'inherit',
      });
      const made = paths.map((path) => join(outDir, basename(path).replace(/ts$/, 'js')));
      // It has renamed the sources that are imported, which Jest has under their own names.
      return made.map((path) =>
        readFileSync(path, 'utf8').replaceAll(/require\("(\.[^"]+)\.js"\)/g, 'require("$1.ts")'),
      );
    } finally {
      rmSync(outDir, { recursive: true });
    }
  };
}
