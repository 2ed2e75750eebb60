// Packs the published packages and checks what users will get; `--to <folder>` only packs them, into that folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { published } from './published.mjs';

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${error ?? ''}${stdout}${stderr}`);
  process.exitCode = 1;
}

/** @param {string} folder */
function pack(folder) {
  const filters = published.flatMap(({ name }) => ['--filter', name]);
  run('npx', ['--yes', 'pnpm@12', ...filters, 'pack', '--pack-destination', resolve(folder)]);
}

/** @param {string} folder */
function check(folder) {
  pack(folder);
  const tarballs = readdirSync(folder).map((name) => join(folder, name));
  if (tarballs.length !== published.length) process.exitCode = 1;
  for (const tarball of tarballs) {
    run('node_modules/.bin/publint', ['run', tarball, '--strict']);
    run('node_modules/.bin/attw', [tarball, '--profile', 'strict']);
  }
}

const [option, target] = process.argv.slice(2);
if (option === '--to' && target !== undefined) {
  pack(target);
} else {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync('.cache/packages-');
  try {
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
