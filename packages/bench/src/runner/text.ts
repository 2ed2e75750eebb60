import { type Column, type Goal, holds, type Row, type Table } from './benchmark.ts';

/** A table or a goal for people to read. */
export function text(part: Table | Goal): string {
  return 'bound' in part ? sentence(part) : table(part);
}

function sentence(goal: Goal): string {
  const { subject, side, bound, of, measured } = goal;
  const verdict = holds(goal) ? 'ok' : 'MISSED';
  const found = measured === undefined ? 'not measured' : `${rounded(measured)} ${verdict}`;
  return `goal ${subject} ${side} ${bound} ${of}: ${found}`;
}

function table({ title, columns, rows, notes = [] }: Table): string {
  const heads = ['', ...columns.map(({ name }) => name)];
  const lines = rows.map((row) => [row.name, ...columns.map((column, index) => cell(row, column, index))]);
  const widths = heads.map((head, index) => Math.max(head.length, ...lines.map((line) => line[index]!.length)));
  const laid = [heads, ...lines].map((line) =>
    line
      .map((each, index) => (index === 0 ? each.padEnd(widths[index]!) : each.padStart(widths[index]!)))
      .join('  ')
      .trimEnd(),
  );
  return ['', title, '', ...laid, ...notes.map((note) => `  ${note}`), ''].join('\n');
}

function cell({ cells }: Row, { digits = 0 }: Column, index: number): string {
  const value = cells[index];
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : value.toFixed(digits);
}

/** Three significant digits, and every digit before the point. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
