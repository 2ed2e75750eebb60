import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache, fileLedger, type LedgerBook, writeBehind } from '@cache/core';
import { ledgerContract } from '@cache/core/testing';
import { systemClock } from '../../../src/model/clock.ts';
import { rejectionOf, thrownBy } from '../../support/failure.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a ledger in a file', () => {
  let contractFolder: string;
  // Where no test of the file is wanted, what is made before them is not removed after them.
  beforeAll(() => {
    contractFolder = temporaryFolder();
  });

  test.each(
    ledgerContract(() => fileLedger({ folder: contractFolder, compactAfter: '2kb' }), { durable: true, runs: 5 }),
  )('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

const opened: LedgerBook[] = [];
afterEach(() => Promise.all(opened.splice(0).map((book) => book.close())));

function open(folder: string, options: { compactAfter?: number } = {}): LedgerBook {
  const context = { namespace: 'n', resource: 'r', clock: systemClock, due: 0, max: 10_000 };
  const told = { lost: () => undefined, report: () => undefined };
  const book = fileLedger({ folder, ...options }).open({ ...context, ...told });
  opened.push(book);
  return book;
}

const put = (book: LedgerBook, key: string, text: string) =>
  book.put({ key, op: 'save', payload: Buffer.from(text), given: undefined });
const textAt = async (book: LedgerBook, key: string) => {
  const [found] = await book.read([key]);
  return found?.newest && Buffer.from(found.newest.payload).toString();
};
const journalIn = (folder: string) => join(folder, 'n.r.ledger');

test('a journal that was cut off anywhere has every write from before the cut, and goes on', async () => {
  const folder = temporaryFolder();
  const book = open(folder);
  const sizes: number[] = [];
  for (let count = 1; count <= 3; count += 1) {
    await put(book, `k${count}`, `value ${count}`);
    sizes.push(statSync(journalIn(folder)).size);
  }
  await book.close();
  const whole = readFileSync(journalIn(folder));
  for (let length = 0; length <= whole.length; length += 1) {
    const cut = temporaryFolder();
    writeFileSync(journalIn(cut), whole.subarray(0, length));
    const again = open(cut);
    const kept = sizes.filter((size) => size <= length).length;
    const keys = ['k1', 'k2', 'k3'];
    const values = keys.map((_, at) => (at < kept ? `value ${at + 1}` : undefined));
    expect(await Promise.all(keys.map((key) => textAt(again, key)))).toEqual(values);
    await put(again, 'new', 'after');
    await again.close();
    expect(await textAt(open(cut), 'new')).toBe('after');
    await opened.pop()!.close();
  }
});

test('a byte that flipped in what was torn off is not taken for a write', async () => {
  const folder = temporaryFolder();
  const book = open(folder);
  await put(book, 'a', 'first');
  const { size } = statSync(journalIn(folder));
  await put(book, 'b', 'second');
  await book.close();
  const bytes = readFileSync(journalIn(folder));
  for (let at = size; at < bytes.length; at += 1) {
    const flipped = temporaryFolder();
    const copy = Buffer.from(bytes);
    copy[at]! ^= 0x10;
    writeFileSync(journalIn(flipped), copy);
    const again = open(flipped);
    expect([await textAt(again, 'a'), await textAt(again, 'b')]).toEqual(['first', undefined]);
    await opened.pop()!.close();
  }
});

test('writes that come together share the waits for the disk', async () => {
  const folder = temporaryFolder(tmpdir());
  const book = open(folder);
  await put(book, 'first', 'x');
  const begun = performance.now();
  await put(book, 'alone', 'x');
  const one = performance.now() - begun;
  const all = performance.now();
  await Promise.all(Array.from({ length: 2_000 }, (_, at) => put(book, `k${at}`, 'x')));
  expect(performance.now() - all).toBeLessThan(Math.max(2_000, 400 * one));
  expect((await book.stats()).dirty).toBe(2_002);
});

test('a journal is written anew without what is not needed, and loses nothing by that', async () => {
  const folder = temporaryFolder();
  const book = open(folder, { compactAfter: 20_000 });
  for (let count = 0; count < 50; count += 1) {
    await Promise.all(['a', 'b', 'c'].map((key) => put(book, key, `${count} ${'x'.repeat(500)}`)));
  }
  expect(statSync(journalIn(folder)).size).toBeLessThan(30_000);
  const { version } = (await put(book, 'a', 'last')) as { version: number };
  await book.close();
  const again = open(folder);
  expect([await textAt(again, 'a'), (await textAt(again, 'b'))?.slice(0, 3)]).toEqual(['last', '49 ']);
  expect(((await put(again, 'd', 'x')) as { version: number }).version).toBeGreaterThan(version);
});

test('a journal is for one opening at a time, and for the next once that is closed', async () => {
  const folder = temporaryFolder();
  const book = open(folder);
  await put(book, 'a', '1');
  const error = await rejectionOf(put(open(folder), 'a', '2'));
  expect([error.code, error.message]).toEqual(['LEDGER_REFUSED', expect.stringContaining('redisLedger for many')]);
  await book.close();
  expect(await textAt(open(folder), 'a')).toBe('1');
});

test('the lock of a process that is dead does not count', async () => {
  const folder = temporaryFolder();
  writeFileSync(`${journalIn(folder)}.lock`, '999999 12345');
  expect((await put(open(folder), 'a', '1')).state).toBe('accepted');
});

test('a file that is no journal is refused, and stays as it is', async () => {
  const folder = temporaryFolder();
  copyFileSync(__filename, journalIn(folder));
  const error = await rejectionOf(put(open(folder), 'a', '1'));
  expect([error.code, error.message]).toEqual(['LEDGER_UNAVAILABLE', expect.stringContaining('no journal')]);
  expect(readFileSync(journalIn(folder), 'utf8')).toContain('stays as it is');
});

test('what a killed process was told to be accepted is in the source once the next one has run', async () => {
  const folder = temporaryFolder();
  const program = join(__dirname, 'writing.process.ts');
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(
      process.execPath,
      ['--conditions', '@cache/source', '--require', 'esbuild-register', '--eval', `require(${JSON.stringify(program)})`, folder, `round${round}`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    ); // prettier-ignore
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    while (told.split('\n').length < 200) await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    accepted.push(...told.split('\n').slice(0, -1));
  }
  const source = new Map<string, number>();
  const cache = createCache();
  const views = cache.resource(
    'views',
    writeBehind<string, number>({
      load: (key) => source.get(key) ?? 0,
      saveMany: async (items) => items.forEach(({ key, value }) => source.set(key, value)),
      ledger: fileLedger({ folder }),
    }),
  );
  await views.flush();
  const stale = accepted.map((line) => line.split(' ')).filter(([key, value]) => source.get(key!)! < Number(value));
  expect([accepted.length >= 600, stale]).toEqual([true, []]);
  await cache.close();
});
const accepted: string[] = [];

test.each([
  [{}, 'must be the path of a folder'],
  [{ folder: '' }, 'must be the path of a folder'],
  [{ folder: 'x', file: 'y' }, "has no option 'file'"],
])('options %p are refused at once', (options, sentence) => {
  expect(thrownBy(() => fileLedger(options as never)).message).toContain(sentence);
});
