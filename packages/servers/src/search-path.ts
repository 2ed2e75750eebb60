import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POSTGRES_RELEASES = '/usr/lib/postgresql';

/** The full names that a program may have in `PATH` and where Debian keeps Postgres, best first. */
export function searchPath(binary: string): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...postgresFolders()].map((folder) => join(folder, binary)).filter(isExecutable);
}

/** The highest version of Postgres under a folder, as `<folder>/<version>/bin`, then the others. */
export function postgresFolders(releases = POSTGRES_RELEASES): string[] {
  try {
    const versions = readdirSync(releases).filter((name) => /^\d+/.test(name));
    return versions.sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a)).map((v) => join(releases, v, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
