import { parseArgs } from 'node:util';

/** What `pnpm bench` was asked for. */
export interface Command {
  readonly name: string;
  /** One JSON object per line instead of tables. */
  readonly json: boolean;
  /** Exit with 1 where a goal is missed or could not be measured. */
  readonly check: boolean;
}

/** A command line that says nothing we can do; the message is all that its user needs. */
export class UsageError extends Error {}

/**
 * Reads the command line, where `names` are the benchmarks there are.
 *
 * @throws UsageError
 */
export function parseCommand(args: readonly string[], names: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [name, ...more] = positionals;
  const list = `there are ${names.toSorted().join(', ')}`;
  if (name === undefined) throw new UsageError(`Name a benchmark, as in "pnpm bench hit [--json] [--check]": ${list}.`);
  if (!names.includes(name)) throw new UsageError(`There is no benchmark "${name}": ${list}.`);
  if (more.length > 0) throw new UsageError(`One benchmark at a time, not ${positionals.join(' and ')}.`);
  return { name, json: values.json, check: values.check };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
