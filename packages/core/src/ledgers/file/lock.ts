import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { CacheError } from '../../model/errors.ts';

/** Journals that are open in this process, by whatever copy of this package: its own pid does not tell. */
const name = Symbol.for('@cache/core: journals');
const held = ((globalThis as Record<symbol, unknown>)[name] ??= new Set<string>()) as Set<string>;

/**
 * Takes the journal for this process, and gives what lets it go. The lock of a process that is dead does not count.
 *
 * @throws CacheError `LEDGER_REFUSED` while another process has it.
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const own = `${file}.${process.pid}`;
  if (held.has(path)) throw inUse(path, process.pid);
  held.add(path);
  try {
    await writeFile(own, await nameOf(process.pid));
    try {
      for (let attempt = 0; ; attempt += 1) {
        // Of those who link at the same time one succeeds; a file that is opened anew could be two of them.
        if (await link(own, file).then(() => true, () => false)) break; // prettier-ignore
        const holder = await readFile(file, 'utf8').catch(() => '');
        const pid = Number(holder.split(' ')[0]);
        if (attempt > 5 || (holder !== '' && pid !== process.pid && (await nameOf(pid)) === holder))
          throw inUse(path, pid);
        await removeDead(file, holder);
      }
    } finally {
      await unlink(own).catch(() => undefined);
    }
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    held.delete(path);
    await unlink(file).catch(() => undefined);
  };
}

/** Another process may have taken the place of the dead one meanwhile: that lock is put back. */
async function removeDead(file: string, holder: string): Promise<void> {
  const aside = `${file}.${process.pid}.dead`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, file);
  } catch {
    // It is gone, or somebody else has it: the next attempt tells.
  }
  await unlink(aside).catch(() => undefined);
}

/** A process by its pid and, where the system tells, when it began: a pid may be given again. */
async function nameOf(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPERM') return '';
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${began}`;
}

function inUse(path: string, pid: number): CacheError {
  const sentence = `fileLedger: process ${pid} has ${path} already; a journal is for one process, and redisLedger for many`;
  return new CacheError('LEDGER_REFUSED', sentence, { store: 'file ledger' });
}
