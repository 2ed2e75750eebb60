import { existsSync } from 'node:fs';
import { run } from './run.ts';

/** Where to look for a server: the name of its executable and the Debian package that brings it. */
export interface Wanted {
  /** As people call it: `Redis`. */
  readonly name: string;
  /** `redis-server` */
  readonly binary: string;
  /** `redis-server`, whose direct dependencies of the same `family` come along even where they are installed. */
  readonly package: string;
  /** `/^redis-/` */
  readonly family: RegExp;
}

/** An executable that runs here, with the folders of shared libraries that it needs beside the system's. */
export interface Program {
  readonly from: 'path' | 'unpacked';
  readonly file: string;
  readonly libraries: readonly string[];
}

/** What a program is started with: nothing of the caller's environment but `PATH`, and messages in English. */
export function environmentOf(program: Program): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C' };
  if (program.libraries.length > 0) environment['LD_LIBRARY_PATH'] = program.libraries.join(':');
  return environment;
}

/** Whether the program exists and its libraries are complete: it prints its version. */
export async function runs(program: Program): Promise<boolean> {
  if (!existsSync(program.file)) return false;
  return await run(program.file, ['--version'], { env: environmentOf(program) }).then(
    () => true,
    () => false,
  );
}
