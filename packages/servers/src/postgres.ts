import { readFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exchange } from './exchange.ts';
import { findProgram } from './find-program.ts';
import { LOOPBACK } from './free-port.ts';
import { environmentOf, type Program, type Wanted } from './program.ts';
import { run } from './run.ts';
import { startServer, type Server } from './server.ts';
import { giveTo, unprivilegedUser, type User } from './unprivileged-user.ts';

export const POSTGRES: Wanted = {
  name: 'Postgres',
  binary: 'postgres',
  package: 'postgresql',
  family: /^postgresql-\d+$/,
};

const ROLE = 'postgres';

/** How to start a Postgres. */
export interface PostgresOptions {
  /** Whether what is committed survives a power cut of the machine; by default not, which is faster. A killed server never loses it. */
  readonly durable?: boolean;
  /** Further arguments, which win over ours: `['-c', 'max_connections=20']`. */
  readonly args?: readonly string[];
  /** By default a free one. */
  readonly port?: number;
}

/**
 * Starts a Postgres with an empty database; the `url` names its superuser, who needs no password.
 *
 * As root it runs as the user `nobody`, since it refuses to run as root.
 *
 * @throws {ServerNotFound} when there is no Postgres and none can be fetched.
 */
export async function startPostgres({ durable = false, args = [], port }: PostgresOptions = {}): Promise<Server> {
  return await startPostgresProgram(await findProgram(POSTGRES), { durable, args, ...(port && { port }) });
}

/** {@link startPostgres} with a program of the caller's. */
export async function startPostgresProgram(
  program: Program,
  { durable = false, args = [], port }: PostgresOptions = {},
): Promise<Server> {
  const user = unprivilegedUser();
  return await startServer({
    name: POSTGRES.name,
    program,
    user,
    port,
    url: (chosen) => `postgres://${ROLE}@${LOOPBACK}:${chosen}/postgres`,
    prepare: async (folder) => await createDatabase(program, user, folder),
    args: (chosen, folder) => [...postgresArguments(chosen, folder, durable), ...args],
    answers: async (chosen, withinMs) =>
      await exchange(chosen, startupMessage(), welcomes, withinMs).catch(() => false),
    pidBehind: async (_, folder) => Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10),
    orderly: 'SIGINT',
    // Immediate shutdown. SIGKILL would leave its segment of shared memory to the machine.
    atOnce: 'SIGQUIT',
  });
}

async function createDatabase(program: Program, user: User | undefined, folder: string): Promise<void> {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  giveTo(user, data);
  await run(
    join(dirname(program.file), 'initdb'),
    ['--pgdata', data, '--username', ROLE, '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
    { cwd: folder, env: environmentOf(program), tellsErrors: true, ...user },
  );
}

function postgresArguments(port: number, folder: string, durable: boolean): string[] {
  const settings = {
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: '',
    // Compiling queries needs a compiler of 100 MB, which is not fetched.
    jit: 'off',
    // In files of the data folder, so that a killed server leaves nothing of it in the machine's memory.
    dynamic_shared_memory_type: 'mmap',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return [
    '-D',
    join(folder, 'data'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** The message that opens a session: its length, version 3.0 of the protocol, and who asks. */
function startupMessage(): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${ROLE}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** `R` opens the talk about a password, here that none is needed; a server that still starts answers with an error, `E`. */
function welcomes(reply: Buffer): boolean {
  return reply.toString('latin1', 0, 1) === 'R';
}
