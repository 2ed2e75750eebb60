// Runs the quality gates, or those named on the command line: `pnpm check types lint`.
import { spawn } from 'node:child_process';
import { basename, delimiter, resolve } from 'node:path';
import { files } from './files.mjs';

const projects = [...files()].filter((path) => basename(path) === 'tsconfig.json');

/** @type {Record<string, string[]>} */
const gates = {
  types: ['tsc', '-b', ...projects],
  lint: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  packages: ['node', '.ci/packages.mjs'],
  fences: ['node', '.ci/fences.mjs'],
  api: ['node', '.ci/api.mjs'],
  layers: [
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err-long',
    '{packages,examples}/*/{src,test}',
  ],
  unused: ['knip', '--no-progress', '--no-config-hints'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  hygiene: ['node', '.ci/hygiene.mjs'],
};

const env = { ...process.env, PATH: [resolve('node_modules/.bin'), process.env.PATH].join(delimiter) };

/** @type {string[]} */
const failures = [];

/** @param {string} name */
async function run(name) {
  const [program = '', ...args] = gates[name] ?? [];
  const start = performance.now();
  let output = '';
  const code = await new Promise((done) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => (output += error)).on('close', done);
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds.padStart(5)} s`);
  if (code !== 0) failures.push(`\n── ${name} ──\n${output.trim()}`);
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(gates);
const unknown = names.filter((name) => !(name in gates));
if (unknown.length > 0) throw new Error(`No gate ${unknown.join(', ')}: there are ${Object.keys(gates).join(', ')}`);

// First and alone, because the fences and the reports need what it builds; and then the fences, because the folder that
// they come and go with is no longer there when another gate has just seen it.
for (const alone of ['types', 'fences']) {
  if (names.includes(alone)) await run(names.splice(names.indexOf(alone), 1)[0] ?? '');
}
const lane = async () => {
  for (let name = names.shift(); name; name = names.shift()) await run(name);
};
await Promise.all([lane(), lane()]);

for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
