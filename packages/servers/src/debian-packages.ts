import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/** Packages that a server depends on only to be administered, translated or compiled just in time; and the C library of the system. */
const UNNEEDED = /^libc6|^libc-|^libllvm|^libperl|-perl$/;

/**
 * Downloads a Debian package with those of its dependencies that this machine lacks, and unpacks them into `folder`.
 *
 * Nothing is installed and no right of root is needed: apt keeps its lists and archives under `scratch`, and reads only
 * which packages the machine has. Rejects without naming the hosts asked, since those may be private.
 */
export async function unpackDebianPackage(
  name: string,
  family: RegExp,
  scratch: string,
  folder: string,
): Promise<void> {
  const apt = aptOptions(scratch);
  const archives = join(scratch, 'archives');
  for (const made of [join(scratch, 'lists', 'partial'), join(archives, 'partial'), folder]) {
    mkdirSync(made, { recursive: true });
  }

  // One broken source makes the update fail, though all others have been read: the next step tells whether that matters.
  await run('apt-get', [...apt, 'update']).catch(() => undefined);

  const direct = await orExplain(
    run('apt-cache', [...apt, 'depends', name]),
    `the package sources have no ${name}, or could not be reached`,
  );
  const plan = await orExplain(
    run('apt-get', [...apt, '--simulate', '--no-install-recommends', 'install', name]),
    `apt-get cannot tell what ${name} depends on`,
  );
  const roots = [name, ...namesIn(direct, /Depends: (\S+)/g)].filter((root) => family.test(root));
  const missing = namesIn(plan, /^Inst (\S+)/gm).filter(
    (dependency) => family.test(dependency) || (/^(lib|lua-)/.test(dependency) && !UNNEEDED.test(dependency)),
  );

  await orExplain(
    run('apt-get', [...apt, 'download', ...new Set([...roots, ...missing])], { cwd: archives }),
    `the packages of ${name} could not be downloaded`,
  );
  for (const archive of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    await run('dpkg-deb', ['--extract', join(archives, archive), folder]);
  }
}

function namesIn(output: string, pattern: RegExp): string[] {
  return Array.from(output.matchAll(pattern), (match) => match[1] ?? '');
}

async function orExplain(output: Promise<string>, explanation: string): Promise<string> {
  return await output.catch((cause: unknown) => {
    throw new Error(explanation, { cause });
  });
}

function aptOptions(scratch: string): string[] {
  const settings = {
    'Dir::State': scratch,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': scratch,
    'Debug::NoLocking': '1',
    // As root, apt would fetch as a user of its own, who may not write here.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
  };
  return ['-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
}
