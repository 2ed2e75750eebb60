import { chownSync, readFileSync } from 'node:fs';

/** The user and group that a process runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: User = { uid: 65534, gid: 65534 };

/** The user `nobody` when we are root, for servers that refuse to run as root; else `undefined`: we run them ourselves. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return entry === null ? NOBODY : { uid: Number(entry[1]), gid: Number(entry[2]) };
}

/** Makes a file or folder that user's own. */
export function giveTo(user: User | undefined, file: string): void {
  if (user !== undefined) chownSync(file, user.uid, user.gid);
}
