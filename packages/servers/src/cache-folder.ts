import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** The folder that keeps unpacked programs between runs: under `XDG_CACHE_HOME`, `~/.cache` or the temporary folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME, HOME } = environment;
  const candidates: string[] = [];
  if (XDG_CACHE_HOME) candidates.push(join(XDG_CACHE_HOME, 'cache-servers'));
  if (HOME) candidates.push(join(HOME, '.cache', 'cache-servers'));
  for (const folder of candidates) if (isAbsolute(folder) && isUsable(folder)) return folder;

  const shared = join(tmpdir(), `cache-servers-${process.getuid?.() ?? 'all'}`);
  if (isUsable(shared) && isOurs(shared)) return shared;
  throw new Error(`${shared} cannot be written, or belongs to someone else`);
}

function isUsable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    accessSync(folder, constants.W_OK);
    // Postgres never runs as root: what root unpacks must be open to `nobody`, and /root seldom is.
    return process.getuid?.() !== 0 || isOpenToOthers(folder);
  } catch {
    return false;
  }
}

function isOpenToOthers(folder: string): boolean {
  const enterable = (statSync(folder).mode & 0o001) !== 0;
  return enterable && (folder === dirname(folder) || isOpenToOthers(dirname(folder)));
}

/** In a folder that everyone may write to, another user may have made ours first, to have us run programs of theirs. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
