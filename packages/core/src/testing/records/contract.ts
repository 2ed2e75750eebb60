import type { Cache } from '../../cache.ts';
import type { Records } from '../../engine/records.ts';
import { type CacheCases, type CacheContractOptions, inTime, overCaches } from '../cache-scene.ts';
import { type ContractCase, promised } from '../contract.ts';

const long = 60_000;

/**
 * The cases that show whether a store keeps the promises of `RecordSpace`, as `cache.records` gives them. `cache` makes
 * a cache over the store; what a case leaves there expires within a minute.
 */
export function recordsContract(cache: () => Cache, options: CacheContractOptions = {}): ContractCase[] {
  return overCaches(cache, (made, name) => made.records(name), cases, options);
}

const cases: CacheCases<Records> = {
  'a record is what was set last, byte for byte': async ({ subject }) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    promised('there is none', await read(subject, 'a'), undefined);
    promised('it is set', await subject.set('a', text('old'), long), true);
    promised('and set again', await subject.set('a', bytes, long), true);
    promised('it comes back', new Uint8Array((await subject.get('a')) ?? []), bytes);
    await subject.set('a', new Uint8Array(0), long);
    promised('nothing is a record too', await read(subject, 'a'), '');
  },

  "what is kept is nobody else's: neither what was given nor what was got changes it": async ({ subject }) => {
    const given = Buffer.from('given');
    await subject.set('a', given, long);
    given.fill('x');
    promised('it is what was given', await read(subject, 'a'), 'given');
    const got = await subject.get('a');
    got?.fill(0);
    for await (const listed of subject.values()) listed.fill(0);
    promised('it is so still', await read(subject, 'a'), 'given');
    await subject.touch('a', long);
    promised('and after a touch', await read(subject, 'a'), 'given');
  },

  'a record that was deleted is gone, for whoever asks': async ({ subject }) => {
    await subject.set('a', text('x'), long);
    await subject.delete('a');
    promised('it is gone', await read(subject, 'a'), undefined);
    promised('deleting it once more does no harm', await subject.delete('a'), undefined);
  },

  'neither a touch nor a change brings a record back': async ({ subject }) => {
    await subject.set('a', text('x'), long);
    await subject.delete('a');
    promised('a touch finds none', await subject.touch('a', long), false);
    promised('a change finds none', await subject.set('a', text('y'), long, { ifExists: true }), false);
    promised('there is none', await read(subject, 'a'), undefined);
    promised('a new one can be set', await subject.set('a', text('z'), long), true);
    promised('and then changed', await subject.set('a', text('w'), long, { ifExists: true }), true);
    promised('it is', await read(subject, 'a'), 'w');
  },

  'touches and changes beside a deletion leave nothing': async ({ subject }) => {
    for (let round = 0; round < 50; round += 1) {
      await subject.set('a', text('x'), long);
      await Promise.all([
        subject.touch('a', long),
        subject.delete('a'),
        subject.set('a', text('y'), long, { ifExists: true }),
        subject.touch('a', long),
      ]);
      promised(`it is gone in round ${round}`, await read(subject, 'a'), undefined);
    }
  },

  'a record is gone when its time is over': async ({ subject, elapse }) => {
    await subject.set('a', text('x'), 100);
    await subject.set('b', text('y'), long);
    await elapse(200);
    promised('it is gone', await read(subject, 'a'), undefined);
    promised('nothing is left to touch', await subject.touch('a', long), false);
    promised('another one is there', await read(subject, 'b'), 'y');
  },

  'a touch moves the end of a record': async ({ subject, elapse }) => {
    await inTime(async (ms) => {
      await subject.set('a', text('x'), ms);
      promised('it is touched', await subject.touch('a', long), true);
      await elapse(ms + 100);
      promised('it is there', await read(subject, 'a'), 'x');
    });
    await subject.touch('a', 100);
    await elapse(200);
    promised('a touch can shorten it too', await read(subject, 'a'), undefined);
  },

  'keys of any characters and length are told apart': async ({ subject }) => {
    const keys = ['', ' ', 'a', 'a\r\nDEL *', '*', '{a}', '}', 'ä', '\uD800', '\uD801', '\0', 'x'.repeat(100_000)];
    keys.push('__proto__', '\u{1F36A}', 'x'.repeat(100_001), `=${'A'.repeat(43)}`);
    for (const [at, key] of keys.entries()) await subject.set(key, text(String(at)), long);
    promised(
      'each has its own',
      await Promise.all(keys.map((key) => read(subject, key))),
      keys.map((_, at) => String(at)),
    );
    promised('and no more', await subject.count(), keys.length);
  },

  'all records of a name can be counted, read and cleared, and no others': async ({ subject, other }) => {
    const keys = Array.from({ length: 250 }, (_, at) => `key ${at}`);
    await Promise.all(keys.map((key) => subject.set(key, text(key), long)));
    await other.set('key 0', text('theirs'), long);
    promised('they are counted', [await subject.count(), await other.count()], [250, 1]);
    const found: string[] = [];
    for await (const record of subject.values()) found.push(Buffer.from(record).toString());
    promised('they are read, each once', found.sort(), [...keys].sort());
    await subject.clear();
    promised('they are cleared', [await subject.count(), await read(subject, 'key 0')], [0, undefined]);
    promised('the others are not', await read(other, 'key 0'), 'theirs');
    await other.clear();
  },
};

function text(words: string): Uint8Array {
  return Buffer.from(words);
}

async function read(records: Records, key: string): Promise<string | undefined> {
  const record = await records.get(key);
  return record && Buffer.from(record).toString();
}
