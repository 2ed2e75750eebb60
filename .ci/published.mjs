import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { files } from './files.mjs';

/**
 * The packages that are published.
 * @type {{ name: string, home: string, exports: Record<string, Record<string, string>> }[]}
 */
export const published = [...files('packages')]
  .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
  .map((path) => ({ home: dirname(path), ...JSON.parse(readFileSync(path, 'utf8')) }))
  .filter((manifest) => !manifest.private);
