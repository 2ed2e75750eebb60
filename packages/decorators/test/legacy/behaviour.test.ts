// The behaviours of ../behaviour, compiled with legacy decorators.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';

const folder = join(__dirname, '../behaviour');

for (const name of readdirSync(folder)) {
  const path = join(folder, name);
  const { code } = transformFileSync(path, {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true },
      target: 'es2022',
    },
    module: { type: 'commonjs' },
  });
  // oxlint-disable-next-line typescript/no-implied-eval -- Jest chooses a transform by path, and these files have one already
  new Function('require', 'exports', code)(createRequire(path), {});
}
