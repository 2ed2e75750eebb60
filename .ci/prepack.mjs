// Builds what a package publishes, as its `prepack` script: dist/esm and dist/cjs, beside what `pnpm build` makes.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Made anew, so that nothing stays of a source that is gone.
for (const made of ['esm', 'cjs', 'esm.tsbuildinfo', 'cjs.tsbuildinfo']) {
  rmSync(join('dist', made), { recursive: true, force: true });
}

const tsc = join(import.meta.dirname, '..', 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-b', 'tsconfig.esm.json', 'tsconfig.cjs.json'], { stdio: 'inherit' });
if (status !== 0) throw new Error('The package was not built');

// Otherwise Node and TypeScript would believe the package's manifest, which says "module".
writeFileSync(join('dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
