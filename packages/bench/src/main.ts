import { readdirSync } from 'node:fs';
import { parseCommand, UsageError } from './runner/command.ts';
import { type Benchmark, holds, type Goal, type Table } from './runner/benchmark.ts';
import { jsonLines } from './runner/json.ts';
import { text } from './runner/text.ts';
import { installPeers } from './peers/install.ts';

// Every file beside this one is a benchmark, under the file's name.
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.js') && file !== 'main.js')
  .map((file) => file.slice(0, -'.js'.length));

async function main(): Promise<void> {
  const { name, json, check } = parseCommand(process.argv.slice(2), names);
  const { benchmark } = (await import(`./${name}.js`)) as { benchmark: Benchmark };
  const installed = await installPeers(benchmark.peers);
  if (installed.missing !== undefined) console.error(installed.missing);
  for await (const part of benchmark.run(installed)) {
    console.log(json ? jsonLines(name, part) : text(part));
    if (check && isGoal(part) && !holds(part)) process.exitCode = 1;
  }
}

function isGoal(part: Table | Goal): part is Goal {
  return 'bound' in part;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
