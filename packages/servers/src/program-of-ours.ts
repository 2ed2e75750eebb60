import { type ChildProcess, spawn } from 'node:child_process';

/** The programs by their paths, each as one text. */
const texts = new Map<string, Promise<string>>();

/** A program in TypeScript with all that it imports, as one text: a process that loads hundreds of files begins late. */
export function bundled(path: string): Promise<string> {
  const text = texts.get(path) ?? bundle(path);
  texts.set(path, text);
  return text;
}

async function bundle(path: string): Promise<string> {
  // Only tests ask for it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@cache/source'],
    // What is loaded only where it is there, and what the programs that import this one never ask for.
    external: ['pg-native', 'esbuild'],
    logLevel: 'error',
  });
  return outputFiles.map(({ text }) => text).join('\n');
}

/** Starts a program in TypeScript as a process that shares our output, and that messages go to and come from. */
export async function startProgram(path: string, ...args: readonly string[]): Promise<ChildProcess> {
  const text = await bundled(path);
  const child = spawn(process.execPath, ['-', ...args], { stdio: ['pipe', 'inherit', 'inherit', 'ipc'] });
  // It may be killed before it has read all.
  child.stdin?.on('error', () => undefined).end(text);
  return child;
}
