import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, LOOPBACK } from './free-port.ts';
import type { Program } from './program.ts';
import { launch, type ServerProcess } from './server-process.ts';
import { giveTo, type User } from './unprivileged-user.ts';
import { waitUntil } from './wait-until.ts';
import { watchdog } from './watchdog.ts';

/** A server of our own on the loopback address. It ends with this process at the latest, and does not keep it from ending. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The process that runs now, or ran last. */
  readonly pid: number;
  /** The temporary folder of its data and its `log`, removed by `stop()`. */
  readonly folder: string;
  /** Whether it answers within that many milliseconds, by default 250. */
  answers(withinMs?: number): Promise<boolean>;
  /** Stops it in its tracks: connections stay open, are even accepted by the system, and nothing is answered. */
  freeze(): Promise<void>;
  /** Lets a frozen server run on. */
  thaw(): Promise<void>;
  /** Ends it as a power cut would, with the data folder as it is. */
  kill(): Promise<void>;
  /** Starts it again, after an orderly end if it still runs, with the same port, arguments and data folder. */
  restart(): Promise<void>;
  /** Ends it for good and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/** All that differs between one kind of server and another. */
export interface ServerKind {
  /** As people call it: `Redis`. */
  readonly name: string;
  readonly program: Program;
  readonly user?: User | undefined;
  readonly port?: number | undefined;
  url(port: number): string;
  args(port: number, folder: string): readonly string[];
  /** Fills the empty folder before the first start. */
  prepare?: ((folder: string) => Promise<void>) | undefined;
  /** Whether a server answers at that port. */
  answers(port: number, withinMs: number): Promise<boolean>;
  /** The process behind that port: another process may have taken it before ours could, and answer in its stead. */
  pidBehind(port: number, folder: string): Promise<number>;
  /** Ends it with its data saved. */
  readonly orderly: NodeJS.Signals;
  /** Ends it fast, with nothing left on this machine outside its folder. */
  readonly atOnce: NodeJS.Signals;
}

const ATTEMPTS = 5;

/** Starts a server and resolves when it answers; tries other ports when the free one has been taken meanwhile. */
export async function startServer(kind: ServerKind): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const server = createServer(kind, kind.port ?? (await freePort()));
    try {
      await server.restart();
      return server;
    } catch (cause) {
      await server.stop();
      const taken = cause instanceof Error && /address already in use/i.test(cause.message);
      if (!taken || kind.port !== undefined || attempt === ATTEMPTS) throw cause;
    }
  }
}

function createServer(kind: ServerKind, port: number): Server {
  const folder = mkdtempSync(join(tmpdir(), `cache-${kind.name.toLowerCase()}-`));
  const log = join(folder, 'log');
  const guardian = watchdog(folder);
  let current: ServerProcess | undefined;
  let stopped = false;
  giveTo(kind.user, folder);
  let prepared: Promise<void> | undefined;

  async function start(): Promise<void> {
    prepared ??= Promise.resolve(kind.prepare?.(folder));
    await prepared;
    const args = kind.args(port, folder);
    const started = await launch({ ...kind, args, folder, log, onExit: () => guardian.guard(undefined) });
    current = started;
    guardian.guard(started.pid);
    await waitUntil(`${kind.name} answers at port ${port}`, async () => {
      if (!started.alive) throw new Error(`${kind.name} has ended instead of starting:\n${endOf(log)}`);
      return (await kind.answers(port, 1_000)) && (await kind.pidBehind(port, folder).catch(() => 0)) === started.pid;
    });
  }

  async function stop(): Promise<void> {
    stopped = true;
    await current?.end(kind.atOnce);
    await guardian.release();
  }

  return {
    url: kind.url(port),
    host: LOOPBACK,
    port,
    get pid() {
      return current?.pid ?? 0;
    },
    folder,
    answers: async (withinMs = 250) => await kind.answers(port, withinMs),
    freeze: async () => await current?.freeze(),
    thaw: async () => current?.thaw(),
    kill: async () => await current?.kill(),
    async restart() {
      if (stopped) throw new Error(`This ${kind.name} is stopped for good: start another one`);
      await current?.end(kind.orderly);
      await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function endOf(log: string): string {
  return readFileSync(log, 'utf8').slice(-4_000);
}
