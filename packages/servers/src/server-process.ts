import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentOf, type Program } from './program.ts';
import type { User } from './unprivileged-user.ts';
import { waitUntil } from './wait-until.ts';

/** What to start, and where: the output goes to the file `log`, which later starts continue. */
export interface Launch {
  readonly program: Program;
  readonly args: readonly string[];
  readonly folder: string;
  readonly log: string;
  readonly user?: User | undefined;
  /** Called as soon as its pid may belong to another process. */
  readonly onExit: () => void;
}

/** One run of a server, from its start to its end. */
export interface ServerProcess {
  readonly pid: number;
  /** Whether it has not ended yet; a frozen one is alive. */
  readonly alive: boolean;
  /** Stops it and its children in their tracks; resolves when none of them runs. */
  freeze(): Promise<void>;
  /** Lets it and its children run on. */
  thaw(): void;
  /** Ends it and its children as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to end by a signal, and kills it if it has not within five seconds. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const PATIENCE_MS = 5_000;

/** Starts a process that does not keep this one from ending. */
export async function launch({ program, args, folder, log, user, onExit }: Launch): Promise<ServerProcess> {
  const output = openSync(log, 'a');
  // A session of its own: what is typed at the terminal goes to us alone, and we decide about the server.
  const child = spawn(program.file, args, {
    cwd: folder,
    detached: true,
    env: environmentOf(program),
    stdio: ['ignore', output, output],
    ...user,
  });
  closeSync(output);
  child.once('exit', onExit);
  await once(child, 'spawn');
  child.unref();
  return controlsOf(child, child.pid ?? 0);
}

function controlsOf(child: ChildProcess, pid: number): ServerProcess {
  const alive = () => child.exitCode === null && child.signalCode === null;
  let frozen = false;

  async function ended(): Promise<void> {
    if (!alive()) return;
    child.ref();
    await once(child, 'exit');
  }

  async function freeze(): Promise<void> {
    if (!alive()) return;
    frozen = true;
    // The parent first: it then starts no more children, and reaps none, so that their pids stay theirs.
    child.kill('SIGSTOP');
    await waitUntil(`process ${pid} is stopped`, () => !runsNow(pid));
    const children = childrenOf(pid);
    for (const grandchild of children) process.kill(grandchild, 'SIGSTOP');
    await waitUntil(`the children of process ${pid} are stopped`, () => !children.some(runsNow));
  }

  function thaw(): void {
    if (!alive() || !frozen) return;
    frozen = false;
    for (const grandchild of childrenOf(pid)) process.kill(grandchild, 'SIGCONT');
    child.kill('SIGCONT');
  }

  async function kill(): Promise<void> {
    await freeze();
    if (!alive()) return;
    const children = childrenOf(pid);
    const gone = ended();
    for (const grandchild of children) process.kill(grandchild, 'SIGKILL');
    child.kill('SIGKILL');
    await gone;
  }

  return {
    pid,
    get alive() {
      return alive();
    },
    freeze,
    thaw,
    kill,
    async end(signal) {
      if (!alive()) return;
      const gone = ended();
      child.kill(signal);
      thaw();
      await Promise.race([gone, delay(PATIENCE_MS, undefined, { ref: false })]);
      await kill();
    },
  };
}

/** Read from Linux; elsewhere a process is taken to stop at once, and to have no children. */
function runsNow(pid: number): boolean {
  const stat = readProcess(`/proc/${pid}/stat`);
  return /^[^TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function childrenOf(pid: number): number[] {
  const pids = readProcess(`/proc/${pid}/task/${pid}/children`);
  return Array.from(pids.matchAll(/\d+/g), ([child]) => Number(child));
}

function readProcess(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
