/** Prints the demo, and remembers what did not hold. */
export interface Terminal {
  heading(title: string): void;
  say(text?: string): void;
  /** Columns below their names, each aligned to the left or to the right: `'lrr'`. */
  table(alignment: string, rows: readonly (readonly string[])[]): void;
  /** States something that was measured to be so, or says that it was not. */
  check(holds: boolean, sentence: string): void;
  readonly failures: number;
}

export function terminal(stream: NodeJS.WriteStream = process.stdout): Terminal {
  const colours = stream.isTTY && !process.env['NO_COLOR'];
  const styled = (code: number, text: string) => (colours ? `\u001B[${code}m${text}\u001B[0m` : text);
  const [bold, dim, red, green] = [1, 2, 31, 32].map((code) => (text: string) => styled(code, text));
  const say = (text = '') => void stream.write(text === '' ? '\n' : `   ${text}\n`);
  let failures = 0;
  return {
    say,
    heading: (title) => void stream.write(`\n${bold!(title)}\n\n`),
    table(alignment, [head = [], ...rows]) {
      const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => row[n]!.length)));
      const aligned = (cell: string, n: number) =>
        alignment[n] === 'r' ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!);
      const line = (row: readonly string[]) => row.map(aligned).join('  ').trimEnd();
      say(dim!(line(head)));
      for (const row of rows) say(line(row));
    },
    check(holds, sentence) {
      if (!holds) failures += 1;
      say(holds ? `${green!('✓')} ${sentence}` : red!(`✗ NOT SO: ${sentence}`));
    },
    get failures() {
      return failures;
    },
  };
}

/** `0.84 ms`, `83.1 ms`, `1.02 s` */
export function time(ms: number): string {
  if (ms >= 999.5) return `${(ms / 1_000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}

/** `no query`, `1 query`, `2 queries` */
export function queries(count: number): string {
  return count === 0 ? 'no query' : `${count} ${count === 1 ? 'query' : 'queries'}`;
}
