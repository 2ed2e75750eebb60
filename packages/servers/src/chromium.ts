import { fetchProgram, findInPath } from './find-program.ts';
import { environmentOf, type Program, type Wanted } from './program.ts';

const CHROMIUM: Wanted = {
  name: 'Chromium',
  binary: 'chromium-headless-shell',
  package: 'chromium-headless-shell',
  family: /^chromium-/,
};

/** Others that do the same, in `PATH` only. */
const ALSO = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What to launch a browser with, as playwright's `launch` takes it. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Record<string, string>;
  readonly args: readonly string[];
}

/**
 * A Chromium, or what calls itself Chrome: the file that `CHROMIUM_PATH` names, a program in `PATH`, or one unpacked into
 * the cache folder, which this call does if need be: up to 135 MB are fetched then.
 *
 * @throws {ServerNotFound} when there is none of them.
 */
export async function findChromium(): Promise<Browser> {
  const named = process.env['CHROMIUM_PATH'];
  const program: Program = named
    ? { from: 'path', file: named, libraries: [] }
    : ((await firstInPath()) ?? (await fetchProgram(CHROMIUM)));
  return {
    executablePath: program.file,
    env: definedOnly(environmentOf(program)),
    // Root has no sandbox, and a container seldom has shared memory to speak of.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  };
}

async function firstInPath(): Promise<Program | undefined> {
  for (const binary of [CHROMIUM.binary, ...ALSO]) {
    const program = await findInPath({ ...CHROMIUM, binary });
    if (program !== undefined) return program;
  }
  return undefined;
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
