import { systemClock } from '../../model/clock.ts';
import type { CacheError } from '../../model/errors.ts';
import { promised, promisedThat } from '../contract.ts';
import type { LedgerContractOptions } from './options.ts';
import { type Cases, long, short, shown, textOf } from './scene.ts';

/** Keys and values that some server or file format makes something else of. */
const awkward = [
  'a b',
  'ü\u{1F600}',
  '{x}:%',
  '0',
  '__proto__',
  'line\r\nend',
  '\'"\\',
  '*',
  '\u0000',
  'k'.repeat(512),
];

export function writes({ durable }: LedgerContractOptions): Cases {
  return durable === true ? { ...noting, ...lasting } : noting;
}

const noting: Cases = {
  'a write that was accepted is read and claimed as it was made': async (scene) => {
    const payload = Buffer.from([0, 255, 10, 13, 128, 32]);
    promised('nothing is unwritten at first', await scene.book.read(['a']), [undefined]);
    await scene.book.put({ key: 'a', op: 'save', payload });
    const [found] = await scene.book.read(['a']);
    promised('it is read', [...found!.newest!.payload], [...payload]);
    const { records } = await scene.claim();
    promised('it is claimed', [...records[0]!.payload], [...payload]);
    promised('with what it is', [records[0]!.key, records[0]!.op, records[0]!.attempts], ['a', 'save', 0]);
  },

  'keys and payloads are any text and any bytes': async (scene) => {
    for (const key of awkward) await scene.accepted(key, `of ${key}`);
    promised('each is read', await Promise.all(awkward.map((key) => scene.unwritten(key))), awkward.map((key) => `save of ${key}`)); // prettier-ignore
    promised('each is claimed', await scene.claimed(), awkward.map((key) => `${key}=of ${key}`).sort()); // prettier-ignore
    const large = 'x'.repeat(1_000_000);
    await scene.accepted('large', large);
    promisedThat('a megabyte is kept', (await scene.unwritten('large')) === `save ${large}`, 'something else');
  },

  'what a caller does to its bytes later changes nothing': async (scene) => {
    const payload = Buffer.from('before');
    await scene.book.put({ key: 'a', op: 'save', payload });
    payload.fill('x');
    promised('it is as it was', await scene.unwritten('a'), 'save before');
  },

  'the newest write takes the place of older ones, under a higher version': async (scene) => {
    const versions: number[] = [];
    for (const text of ['1', '2', '3']) versions.push(await scene.accepted('a', text));
    promisedThat('versions rise', versions[0]! < versions[1]! && versions[1]! < versions[2]!, versions);
    const { records } = await scene.claim();
    promised('the last one counts', shown({ records }), ['a=3']);
    promised('its version is the one it was given', records[0]!.version, versions[2]);
  },

  'versions are microseconds since the epoch, and rise over all keys': async (scene) => {
    const first = await scene.accepted('a', '1');
    const second = await scene.accepted('b', '1');
    promisedThat('the second is higher', second > first, [first, second]);
    promisedThat('they are about now', Math.abs(first / 1_000 - systemClock.now()) < 60_000, first);
  },

  'a version is higher than the one it is to be above': async (scene) => {
    const above = (systemClock.now() + 3_600_000) * 1_000;
    promisedThat('it is', (await scene.accepted('a', '1', { above })) > above, above);
    promisedThat('so are all later ones', (await scene.accepted('b', '1')) > above + 1, above);
  },

  'a removal takes the place of a value, and a value of a removal': async (scene) => {
    await scene.accepted('a', '1');
    await scene.accepted('a', '', { op: 'remove' });
    promised('it is removed', await scene.unwritten('a'), 'remove ');
    await scene.accepted('a', '2');
    promised('it is there again', await scene.unwritten('a'), 'save 2');
  },

  'many keys are read in the order in which they are asked for': async (scene) => {
    for (const key of ['a', 'b', 'c']) await scene.accepted(key, key);
    const found = await scene.book.read(['c', 'none', 'a', 'c']);
    promised('each has its own', found.map((each) => each?.newest && textOf(each.newest.payload)), ['c', undefined, 'a', 'c']); // prettier-ignore
    promised('nothing is nothing', await scene.book.read([]), []);
  },

  'resources are apart': async (scene) => {
    const other = scene.open({}, 'other');
    await other.put({ key: 'a', op: 'save', payload: Buffer.from('theirs') });
    await scene.reopen();
    promised('nothing of another one is read', await scene.unwritten('a'), undefined);
    promised('nor claimed', await scene.claimed(), []);
  },

  'a write that is not due is not claimed before its time, nor late because of newer ones': async (scene) => {
    const book = scene.open({ due: 60 });
    const request = { token: 't', max: 10, lease: long, all: false };
    const begun = systemClock.elapsed(true);
    await scene.accepted('a', '1');
    const early = await book.claim(request);
    if (systemClock.elapsed(true) - begun < 40) promised('nothing is claimed', shown(early), []);
    if (early.records.length > 0) return;
    promisedThat('it is told when', early.next !== undefined && early.next > 0 && early.next <= 60, early.next);
    let writes = 1;
    let claimed: string[] = [];
    const ask = async (): Promise<string[]> => {
      writes += 1;
      await scene.accepted('a', String(writes));
      claimed = shown(await book.claim({ ...request, token: `t${writes}` }));
      return claimed;
    };
    await scene.soon('the key is claimed though it is written all the time', ask, (found) => found.length > 0);
    promised('with its newest value', claimed, [`a=${writes}`]);
  },

  'a ledger that is full accepts writes of keys that are unwritten, and no others': async (scene) => {
    scene.open({ max: 2 });
    for (const key of ['a', 'b']) await scene.accepted(key, '1');
    promised('a third key is refused', (await scene.put('c', '1')).state, 'full');
    promised('nothing was noted', await scene.unwritten('c'), undefined);
    promised('an unwritten one is not', (await scene.put('a', '2')).state, 'accepted');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'ok' });
    promised('once there is room, it is not', (await scene.put('c', '1')).state, 'accepted');
  },

  'a ledger whose oldest write is too old accepts writes of keys that are unwritten, and no others': async (scene) => {
    scene.open({ maxAge: 20 });
    await scene.accepted('a', '1');
    let writes = 0;
    const ask = async (): Promise<string> => (await scene.put(`other ${(writes += 1)}`, '1')).state;
    await scene.soon('another key is refused', ask, (state) => state === 'full');
    promised('nothing was noted', await scene.unwritten(`other ${writes}`), undefined);
    promised('an unwritten one is not', (await scene.put('a', '2')).state, 'accepted');
    const { token, records } = await scene.claim();
    promised('nor does a claim help', (await scene.put('b', '1')).state, 'full');
    await scene.ack(token, ...records.map(({ key }) => ({ key, result: 'ok' }) as const));
    promised('once it is written, it is not', (await scene.put('b', '1')).state, 'accepted');
  },

  'its figures are how many keys are unwritten and claimed, and how old the oldest is': async (scene) => {
    promised('nothing at first', await scene.book.stats(), { dirty: 0, claimed: 0, dead: 0, oldest: 0 });
    for (const key of ['a', 'b', 'c']) await scene.accepted(key, '1');
    promised('each reply tells how many', (await scene.put('a', '2')).dirty, 3);
    await scene.claim(long, 1);
    const { oldest, ...figures } = await scene.book.stats();
    promised('they are counted', figures, { dirty: 3, claimed: 1, dead: 0 });
    promisedThat('the age is in milliseconds', oldest >= 0 && oldest < 60_000, oldest);
  },

  'a mark tells whether what was written before it has reached the source, whatever is written after': async (
    scene,
  ) => {
    promised('of nothing', (await scene.book.drain()).left, false);
    for (const key of ['a', 'b']) await scene.accepted(key, '1');
    const { mark } = await scene.book.drain();
    for (const key of ['b', 'c']) await scene.accepted(key, '2');
    const left = async (): Promise<boolean> => (await scene.book.drain(mark)).left;
    promised('not yet', await left(), true);
    const { token } = await scene.claim();
    promised('nor while it is under way', await left(), true);
    await scene.accepted('a', '3');
    await scene.ack(token, { key: 'b', result: 'ok' });
    promised('nor as long as one is left', await left(), true);
    await scene.ack(token, { key: 'a', result: 'ok' });
    promised('but then, though newer ones are unwritten', [await left(), (await scene.book.stats()).dirty], [false, 2]);
  },

  'a closed ledger rejects': async (scene) => {
    await scene.accepted('a', '1');
    await scene.book.close();
    const code = await scene.put('a', '2').catch((error: unknown) => (error as CacheError).code);
    promised('with a code', code, 'CLOSED');
  },
};

const lasting: Cases = {
  'what was accepted is there when it is opened again, to be claimed': async (scene) => {
    await scene.accepted('a', '1');
    const last = await scene.accepted('a', '2');
    await scene.accepted('b', '', { op: 'remove' });
    await scene.accepted('gone', '1');
    const all = await scene.claim();
    await scene.ack(all.token, { key: 'gone', result: 'ok' }, { key: 'a', result: 'retry', after: 0, counts: true, error: 'x' }); // prettier-ignore
    await scene.ack(all.token, { key: 'b', result: 'retry', after: 0, counts: false, error: 'x' });
    await scene.reopen();
    promised('it is read', [await scene.unwritten('a'), await scene.unwritten('b')], ['save 2', 'remove ']);
    const { records } = await scene.claim();
    promised('it is claimed', shown({ records }), ['a=2', 'b=']);
    promised('under its version', records.find(({ key }) => key === 'a')?.version, last);
    promisedThat('new versions are higher', (await scene.accepted('c', '1')) > last, last);
  },

  'a merge that was claimed is handed out again as it was when it is opened again': async (scene) => {
    await scene.merge('a', '+10');
    const before = await scene.claim(short);
    await scene.merge('a', '+3');
    await scene.reopen();
    promised('both are there', await scene.unwritten('a'), 'merge +3 on +10');
    let after: typeof before | undefined;
    const ask = async (): Promise<number> => (after = await scene.claim()).records.length;
    await scene.soon('it can be claimed again', ask, (count) => count > 0);
    promised('the same, alone', [shown(after!), after!.records[0]!.version], [['a=+10'], before.records[0]!.version]);
  },

  'dead letters are there when it is opened again': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'dead', error: 'no' });
    await scene.reopen();
    promised('with their reason', (await scene.book.dead(10)).map(({ key, error }) => [key, error]), [['a', 'no']]); // prettier-ignore
  },
};
