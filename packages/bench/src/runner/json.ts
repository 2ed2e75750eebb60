import { type Goal, holds, type Table } from './benchmark.ts';

/** One JSON object per line: one for each row of a table, or one for a goal. */
export function jsonLines(benchmark: string, part: Table | Goal): string {
  if ('bound' in part)
    return JSON.stringify({ benchmark, ...part, measured: part.measured ?? null, holds: holds(part) });
  const { title, columns, rows } = part;
  const lines = rows.map(({ name, cells }) => {
    const figures = columns.map((column, index) => [column.name, cells[index] ?? null] as const);
    return JSON.stringify({ benchmark, table: title, name, ...Object.fromEntries(figures) });
  });
  return lines.join('\n');
}
