import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const generated = new Set(['node_modules', 'dist', 'coverage', '.git', '.cache']);

/**
 * The workspace's own files below `folder`, as paths relative to the current directory.
 * @param {string} folder
 * @returns {Generator<string>}
 */
export function* files(folder = '') {
  for (const entry of readdirSync(folder || '.', { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !generated.has(entry.name)) yield* files(path);
  }
}
