import { existsSync, readFileSync } from 'node:fs';

/** Whether a process still runs: one that has ended but whose status nobody has read yet does not. */
export function isRunning(pid: number): boolean {
  try {
    if (existsSync('/proc/self/stat')) return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
