import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type PeerName, specifiersOf } from './pinned.ts';

/** The peers of a benchmark as far as they could be had. */
export interface Peers {
  has(name: PeerName): boolean;
  /** The peer's module; `path` names an entry below the root one. */
  load<Module>(name: PeerName, path?: string): Promise<Module>;
}

/**
 * Installs peers into a folder that is kept between runs and is no part of the workspace, so that they weigh on nobody
 * who does not measure. What could not be had is told by `missing`.
 */
export async function installPeers(names: readonly PeerName[]): Promise<Peers & { readonly missing?: string }> {
  const specifiers = specifiersOf(names);
  const hash = createHash('sha256').update(specifiers.join()).digest('hex').slice(0, 12);
  const folder = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `peers-${hash}`);
  try {
    if (names.length > 0 && !existsSync(folder)) await install(specifiers, folder);
  } catch (error) {
    const missing = `Not installed, and left out: ${specifiers.join(', ')} (${reason(error)}).`;
    return { has: () => false, load: (name) => Promise.reject(new Error(`${name} is not installed`)), missing };
  }
  // A module inside the folder imports by name what is installed there, by the conditions that a user's would.
  const inside = pathToFileURL(join(folder, 'import.mjs')).href;
  return {
    has: (name) => names.includes(name),
    async load<Module>(name: PeerName, path = '') {
      const { load } = (await import(inside)) as { load: (specifier: string) => Promise<Module> };
      return load(`${name}${path}`);
    },
  };
}

async function install(specifiers: readonly string[], folder: string): Promise<void> {
  console.error(`Installing ${specifiers.join(', ')} …`);
  // Made beside and moved when it is whole: an interrupted installation is not taken for a good one.
  const made = `${folder}.${process.pid}`;
  await mkdir(made, { recursive: true });
  try {
    await writeFile(join(made, 'package.json'), '{ "private": true }\n');
    await writeFile(join(made, 'import.mjs'), 'export const load = (specifier) => import(specifier);\n');
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await promisify(execFile)('npm', ['install', ...quiet, ...specifiers], { cwd: made, timeout: 180_000 });
    await rename(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const line = (stderr ?? '').split('\n').find((each) => /^npm (error|ERR!) code/.test(each));
  return line?.replace(/^npm \S+ /, '') ?? message?.split('\n')[0] ?? 'npm failed';
}
