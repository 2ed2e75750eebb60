import { keys, type Measured, measureCost, measureFreshness, type Seen, writes } from './comparison.ts';
import type { Stage } from './stage.ts';
import { type Subject, subjects } from './subjects.ts';
import { time } from './terminal.ts';

interface Result extends Subject, Measured {}

interface Column {
  readonly name: string;
  readonly align: 'l' | 'r';
  readonly cell: (result: Result) => string;
}

const columns: readonly Column[] = [
  { name: 'strategy', align: 'l', cell: ({ strategy }) => strategy },
  { name: 'resource', align: 'l', cell: ({ resource }) => resource },
  { name: 'hit', align: 'r', cell: ({ hitMs }) => time(hitMs) },
  { name: 'miss', align: 'r', cell: ({ missMs }) => time(missMs) },
  { name: 'write', align: 'r', cell: ({ writeMs }) => time(writeMs) },
  { name: 'write is seen', align: 'l', cell: ({ here }) => when(here) },
  { name: 'elsewhere', align: 'l', cell: ({ elsewhere }) => (elsewhere === undefined ? '–' : when(elsewhere)) },
  { name: 'rows', align: 'r', cell: ({ rows }) => String(rows) },
];

/** The four strategies side by side. */
export async function strategies(stage: Stage): Promise<void> {
  const { terminal, second } = stage;
  terminal.heading('4  Four strategies side by side');
  const results = await compare(stage);
  terminal.table(columns.map(({ align }) => align).join(''), tableOf(results));
  terminal.say();
  terminal.say('Latencies: medians, as the client sees them over HTTP.');
  terminal.say('Write is seen: by reads of the process that wrote; the slowest of several rounds.');
  if (second) terminal.say('Elsewhere: by reads of another process, which had the old value in its memory.');
  terminal.say(`Rows: what Postgres wrote for ${writes} writes to ${keys} keys.`);
  terminal.say();
  terminal.check(
    results.every(({ here, staleFor }) => (staleFor === 0 ? here.read === 1 : here.ms < staleFor + 1_000)),
    'The very next read shows a write; under a TTL alone, once the TTL has passed.',
  );
  terminal.check(
    results.every(({ rows, coalesces }) => (coalesces ? rows < writes : rows === writes)),
    'Each write is a row in Postgres; behind, the newest value of each key is.',
  );
}

/** The same table in Markdown. */
export async function strategiesInMarkdown(stage: Stage): Promise<string> {
  const [head = [], ...rows] = tableOf(await compare(stage));
  const rule = columns.map(({ align }) => (align === 'l' ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

async function compare({ service, second }: Stage): Promise<Result[]> {
  const costs: Awaited<ReturnType<typeof measureCost>>[] = [];
  // One after the other, for the sake of the latencies; freshness is mostly waiting.
  for (const subject of subjects) costs.push(await measureCost(subject, service));
  const freshness = await Promise.all(subjects.map((subject) => measureFreshness(subject, service, second)));
  return subjects.map((subject, n) => ({ ...subject, ...costs[n]!, ...freshness[n]! }));
}

function tableOf(results: readonly Result[]): string[][] {
  return [columns.map(({ name }) => name), ...results.map((result) => columns.map(({ cell }) => cell(result)))];
}

function when({ read, ms }: Seen): string {
  return read === 1 ? 'by the next read' : `after ${time(ms)}`;
}
