import { runs, type Program, type Wanted } from './program.ts';
import { searchPath } from './search-path.ts';
import { ServerNotFound } from './server-not-found.ts';
import { unpackedProgram } from './unpacked-program.ts';

const found = new Map<string, Promise<Program>>();

/**
 * The program in `PATH`, else unpacked from the system's packages into the cache folder, which takes seconds the first time.
 *
 * @throws {ServerNotFound} when neither is possible.
 */
export function findProgram(wanted: Wanted): Promise<Program> {
  let search = found.get(wanted.binary);
  if (search === undefined) {
    search = findInPath(wanted).then((program) => program ?? fetchProgram(wanted));
    found.set(wanted.binary, search);
    search.catch(() => found.delete(wanted.binary));
  }
  return search;
}

/** The program as {@link findProgram} has it when `PATH` has none. */
export async function fetchProgram(wanted: Wanted): Promise<Program> {
  try {
    return await unpackedProgram(wanted);
  } catch (cause) {
    throw new ServerNotFound(wanted.name, [wanted.package], cause);
  }
}

/** The first program of that name in `PATH` that runs. */
export async function findInPath(wanted: Wanted): Promise<Program | undefined> {
  for (const file of searchPath(wanted.binary)) {
    const program: Program = { from: 'path', file, libraries: [] };
    if (await runs(program)) return program;
  }
  return undefined;
}
