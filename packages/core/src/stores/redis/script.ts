import { createHash } from 'node:crypto';
import type { Command } from './clients/own-client.ts';
import type { RedisConnection } from './connection.ts';

/** A Lua script; Redis runs it alone, from beginning to end. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function script(...parts: string[]): Script {
  const source = parts.join('\n');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Runs a script, all of whose keys are in one slot. */
export async function evaluate(
  connection: Pick<RedisConnection, 'command'>,
  { sha, source }: Script,
  keys: readonly string[],
  args: Command,
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await connection.command(keys[0]!, ['EVALSHA', sha, ...rest]);
  } catch (error) {
    // A server that was restarted, or whose scripts were flushed, has to be given the text once more.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return connection.command(keys[0]!, ['EVAL', source, ...rest]);
  }
}
