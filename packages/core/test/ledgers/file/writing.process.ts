import { writeSync } from 'node:fs';
import { createCache, fileLedger, writeBehind } from '@cache/core';

/** Writes without end, and tells on its output of each write that was accepted. */
async function main(folder: string, round: string): Promise<void> {
  const views = createCache().resource(
    'views',
    writeBehind<string, number>({
      load: () => 0,
      // Fails now and then, and never brings anything to a source that anybody could see.
      saveMany: () => Promise.reject(Object.assign(new Error('away'), { transient: true })),
      ledger: fileLedger({ folder, compactAfter: '8kb' }),
      flush: { after: 10 },
    }),
  );
  for (let value = 1; ; value += 1) {
    const keys = [`${round} hot`.replace(' ', '-'), `${round}-${value % 50}`];
    await Promise.all(keys.map((key) => views.set(key, value)));
    writeSync(1, keys.map((key) => `${key} ${value}\n`).join(''));
  }
}

const [folder, round] = process.argv.slice(-2);
void main(folder!, round!);
