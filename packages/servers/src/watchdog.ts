import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that ends a server and removes its folder as soon as this process is gone, however that came about. */
export interface Watchdog {
  /** From now on this is the process to end; none when `undefined`. */
  guard(pid: number | undefined): void;
  /** Ends the process guarded last, if any, and resolves when the folder is removed. */
  release(): Promise<void>;
}

// Each line is the pid that runs now, or empty. The input ends when we close it, or when the system does because we died.
// The server is stopped first, so that it starts no children while they are listed; SIGKILL ends a stopped process too.
const SCRIPT = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -STOP "$pid"
  kill -KILL $(cat "/proc/$pid/task/$pid/children") "$pid"
  sleep 0.1
fi
rm -rf "$1"
`;

/** Starts the watchdog of a server that keeps its data in `folder`. */
export function watchdog(folder: string): Watchdog {
  // A session of its own: an interrupt typed at the terminal must not end the watchdog before us.
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const { stdin } = shell;
  stdin.on('error', () => undefined);
  shell.unref();
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();

  return {
    guard: (pid) => void stdin.write(`${pid ?? ''}\n`),
    async release() {
      if (shell.exitCode !== null || shell.signalCode !== null) return;
      shell.ref();
      const ended = once(shell, 'exit');
      stdin.end();
      await ended;
    },
  };
}
