import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Compiled, DecoratorMode } from './compiled.ts';

const folder = join(__dirname, '../behaviour');
/** Legacy decorators do not exist for private methods. */
const standardAlone = ['private-methods.ts'];

/** Runs every behaviour as a compiler has made it, in the place of its source. */
export function runBehaviours(mode: DecoratorMode, compiled: Compiled): void {
  const names = readdirSync(folder).filter((name) => mode === 'standard' || !standardAlone.includes(name));
  const paths = names.map((name) => join(folder, name));
  compiled(paths).forEach((code, index) => {
    const require = createRequire(paths[index]!);
    // oxlint-disable-next-line typescript/no-implied-eval -- Jest would compile the file by its own transform
    new Function('require', 'exports', code)(require, {});
  });
}
