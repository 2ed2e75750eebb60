import { keys, type Measured, measureCost, measureFreshness, type Seen, writes } from './comparison.ts';
import type { Stage } from './stage.ts';
import { type Subject, subjects } from './subjects.ts';
import { time } from './terminal.ts';

/** The four strategies side by side. */
export async function strategies(stage: Stage): Promise<void> {
  const { terminal, second } = stage;
  terminal.heading('4  Four strategies side by side');
  const results = await compare(stage);
  terminal.table(tableOf(results));
  terminal.say();
  terminal.say('Latencies are medians over HTTP. A write is seen after: the slowest of several rounds,');
  terminal.say(
    `${second ? 'in the process that wrote, and in another that had the old value in memory' : 'in one process'}.`,
  );
  terminal.say(`Rows: what Postgres wrote for ${writes} writes to ${keys} keys.\n`);
  const [aside, through, behind, ttl] = results.map(({ measured }) => measured);
  for (const { subject, measured } of results.slice(0, 3)) {
    terminal.check(measured.here.read === 1, `${subject.strategy}: the next read sees a write.`);
  }
  terminal.check(ttl!.here.ms <= 2_500, 'TTL only: a write is seen when the TTL has passed.');
  terminal.check(aside!.rows === writes && through!.rows === writes, 'cache-aside, write-through: one row per write.');
  terminal.check(behind!.rows < writes, 'write-behind: fewer rows than writes.');
}

/** The same table in Markdown. */
export async function strategiesInMarkdown(stage: Stage): Promise<string> {
  const [head = [], ...rows] = tableOf(await compare(stage));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [head, head.map((_, n) => (n < 2 ? '---' : '--:')), ...rows].map(line).join('');
}

interface Result {
  readonly subject: Subject;
  readonly measured: Measured;
}

async function compare({ service, second }: Stage): Promise<Result[]> {
  const costs: Awaited<ReturnType<typeof measureCost>>[] = [];
  // One after the other, for the sake of the latencies; freshness is mostly waiting.
  for (const subject of subjects) costs.push(await measureCost(subject, service));
  const freshness = await Promise.all(subjects.map((subject) => measureFreshness(subject, service, second)));
  return subjects.map((subject, n) => ({ subject, measured: { ...costs[n]!, ...freshness[n]! } }));
}

function tableOf(results: readonly Result[]): string[][] {
  const shared = results.some(({ measured }) => measured.elsewhere !== undefined);
  const head = ['strategy', 'resource', 'hit', 'miss', 'write', 'write is seen', 'elsewhere', 'rows written'];
  const rows = results.map(({ subject, measured: { hit, miss, write, here, elsewhere, rows } }) => [
    subject.strategy,
    subject.resource,
    ...[hit, miss, write].map(time),
    when(here),
    elsewhere === undefined ? '' : when(elsewhere),
    `${rows} of ${writes}`,
  ]);
  const columns = [head, ...rows];
  return shared ? columns : columns.map((row) => row.filter((_, n) => n !== 6));
}

function when({ read, ms }: Seen): string {
  return read === 1 ? 'by next read' : `after ${time(ms)}`;
}
