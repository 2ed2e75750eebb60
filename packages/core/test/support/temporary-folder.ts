import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Where a wait for the disk costs nothing: what a test cuts off was written by itself. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A new folder, by default in memory, which is gone when the tests of the file are over. */
export function temporaryFolder(parent = memory): string {
  const folder = mkdtempSync(join(parent, 'cache-test-'));
  made.push(folder);
  return folder;
}
