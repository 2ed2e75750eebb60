import { exchange } from './exchange.ts';

/**
 * Sends one Redis command over a connection of its own and resolves to the reply as text: a nil is the empty string, an
 * array one line per element.
 *
 * Rejects with the server's own words when the reply is an error, and when there is none within `withinMs` milliseconds.
 */
export async function redisCommand(port: number, args: readonly string[], withinMs = 5_000): Promise<string> {
  const words = args.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return await exchange(port, `*${args.length}\r\n${words.join('')}`, (reply) => readReply(reply)?.text, withinMs);
}

interface Reply {
  readonly text: string;
  /** The offset of the first byte after it. */
  readonly end: number;
}

/** Reads RESP2; `undefined` when the bytes end before the reply does. */
function readReply(bytes: Buffer, start = 0): Reply | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (bytes.toString('latin1', start, start + 1)) {
    case '+':
    case ':':
      return { text: line, end: next };
    case '-':
      throw new Error(line);
    case '$':
      return readBulk(bytes, next, Number(line));
    case '*':
      return readArray(bytes, next, Number(line));
    default:
      throw new Error(`Not a reply of Redis: ${JSON.stringify(line)}`);
  }
}

function readBulk(bytes: Buffer, start: number, length: number): Reply | undefined {
  if (length < 0) return { text: '', end: start };
  if (bytes.length < start + length + 2) return undefined;
  return { text: bytes.toString('utf8', start, start + length), end: start + length + 2 };
}

function readArray(bytes: Buffer, start: number, length: number): Reply | undefined {
  const lines: string[] = [];
  let end = start;
  while (lines.length < length) {
    const element = readReply(bytes, end);
    if (element === undefined) return undefined;
    lines.push(element.text);
    end = element.end;
  }
  return { text: lines.join('\n'), end };
}
