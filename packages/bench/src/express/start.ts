import { join } from 'node:path';
import { Child } from '../measure/child.ts';

/** A server in a process of its own, which tells its port first. */
export function startSubject(name: string, bytes: number): Child<number> {
  return new Child(join(import.meta.dirname, 'subject-process.js'), [name, String(bytes)]);
}

/** The load in a process of its own. */
export function startLoad(): Child<string> {
  return new Child(join(import.meta.dirname, 'load-process.js'));
}
