import { readFileSync } from 'node:fs';

/** Whether a process still runs: one that has ended but whose status nobody has read yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
