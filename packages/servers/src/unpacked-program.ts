import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { unpackDebianPackage } from './debian-packages.ts';
import { runs, type Program, type Wanted } from './program.ts';
import { postgresFolders } from './search-path.ts';
import { watchdog } from './watchdog.ts';

/** The program in the cache folder, fetched into it first if it is not there or no longer runs. */
export async function unpackedProgram(wanted: Wanted): Promise<Program> {
  const parent = join(cacheFolder(), `${debianRelease()}-${process.arch}`);
  const folder = join(parent, wanted.package);
  const kept = programIn(folder, wanted);
  if (kept !== undefined && (await runs(kept))) return kept;

  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, `.${wanted.package}-`));
  chmodSync(scratch, 0o755);
  const guardian = watchdog(scratch);
  try {
    if (existsSync(folder)) renameSync(folder, join(scratch, 'broken'));
    const unpacked = join(scratch, 'unpacked');
    await unpackDebianPackage(wanted.package, wanted.family, scratch, unpacked);
    const program = programIn(unpacked, wanted);
    if (program === undefined || !(await runs(program))) throw new Error('what was unpacked does not run');
    putInPlace(unpacked, folder);
  } finally {
    await guardian.release();
  }
  const placed = programIn(folder, wanted);
  if (placed === undefined) throw new Error(`${folder} has no ${wanted.binary}`);
  return placed;
}

/** Several processes may fetch the same program at once: the first to finish wins, as the system renames folders atomically. */
function putInPlace(unpacked: string, folder: string): void {
  try {
    renameSync(unpacked, folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw cause;
  }
}

function programIn(folder: string, wanted: Wanted): Program | undefined {
  const usr = join(folder, 'usr');
  // What /usr/bin has of Chromium is a script that names the program by its full path, where it is not.
  const folders = [join(usr, 'lib', 'chromium'), join(usr, 'bin'), join(usr, 'sbin')];
  const file = [...folders, ...postgresFolders(join(usr, 'lib', 'postgresql'))]
    .map((bin) => join(bin, wanted.binary))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const libraries = [join(usr, 'lib'), join(folder, 'lib')].flatMap(architectureFolders);
  return { from: 'unpacked', file, libraries };
}

/**
 * Debian keeps shared libraries in a folder per architecture, such as `x86_64-linux-gnu`, and those that only one other
 * library needs in a folder below it.
 */
function architectureFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /-linux-gnu/.test(name))
    .map((name) => join(folder, name))
    .flatMap((each) => [each, ...foldersOfLibraries(each)]);
}

function foldersOfLibraries(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((each) => readdirSync(each).some((name) => /^lib.*\.so(\.|$)/.test(name)));
}

function debianRelease(): string {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name: string) => new RegExp(`^${name}="?([\\w.]+)`, 'm').exec(text)?.[1];
  if (!existsSync('/usr/bin/apt-get')) throw new Error('this system has no apt-get to fetch it with');
  return `${field('ID') ?? 'linux'}-${field('VERSION_ID') ?? 'rolling'}`;
}
