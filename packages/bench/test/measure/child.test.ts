import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Child } from '../../src/measure/child.ts';

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
  program = join(folder, 'program.mjs');
  await writeFile(
    program,
    `process.on('message', (asked) => (asked === 'end' ? process.exit(3) : process.send(asked * 2)));
     process.on('disconnect', () => process.exit());
     process.send(process.argv[2]);`,
  );
});

afterAll(() => rm(folder, { recursive: true }));

test('a program says something when it is ready, and answers what it is asked', async () => {
  using child = new Child<string>(program, ['ready']);
  expect(await child.first).toBe('ready');
  expect(await child.ask<number>(21)).toBe(42);
});

test('who waits for a program that ends is told so', async () => {
  const child = new Child<string>(program, ['ready']);
  await child.first;
  await expect(child.ask('end')).rejects.toThrow('ended with 3');
});
