import { delay, systemClock } from '../../model/clock.ts';
import { promised, promisedThat } from '../contract.ts';
import { type Cases, long, type Scene, short, shown } from './scene.ts';

export const claims: Cases = {
  'what one worker has claimed is given to no other': async (scene) => {
    for (const key of ['a', 'b', 'c']) await scene.accepted(key, '1');
    const [one, other] = [await scene.claim(long, 2), await scene.claim(long, 2)];
    promised('each has its own', [...shown(one), ...shown(other)].sort(), ['a=1', 'b=1', 'c=1']);
    promised('nothing is left', await scene.claimed(), []);
  },

  'those that wait longest are claimed first': async (scene) => {
    const keys = ['d', 'a', 'c', 'b'];
    for (const key of keys) {
      await scene.accepted(key, '1');
      await delay(systemClock, 2);
    }
    await scene.accepted('d', '2');
    promised('in their order', (await scene.claim(long, 2)).records.map(({ key }) => key), ['d', 'a']); // prettier-ignore
  },

  'a write while its key is claimed is not claimed with it, and queued when that is settled': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim();
    await scene.accepted('a', '2');
    promised('readers are given it', await scene.unwritten('a'), 'save 2');
    promised('nobody is given it to write', await scene.claimed(), []);
    promised('it is queued', await scene.ack(token, { key: 'a', result: 'ok' }), ['again']);
    promised('then it is claimed', await scene.claimed(), ['a=2']);
  },

  'a record that is written is clean': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim();
    promised('it is told', await scene.ack(token, { key: 'a', result: 'ok' }), ['clean']);
    promised('it is not unwritten', [await scene.unwritten('a'), await scene.claimed()], [undefined, []]);
    promised('once', await scene.ack(token, { key: 'a', result: 'ok' }), ['lost']);
  },

  'outcomes are told in the order of the records, those of others included': async (scene) => {
    for (const key of ['a', 'b', 'c']) await scene.accepted(key, '1');
    const { token } = await scene.claim();
    await scene.accepted('c', '2');
    const outcomes = await scene.ack(
      token,
      { key: 'c', result: 'ok' },
      { key: 'none', result: 'ok' },
      { key: 'a', result: 'ok' },
      { key: 'b', result: 'dead', error: 'no' },
    );
    promised('each has its own', outcomes, ['again', 'lost', 'clean', 'dead']);
  },

  'a claim whose lease ran out is given to another worker, and the first one settles nothing': async (scene) => {
    await scene.accepted('a', '1');
    const first = await scene.claim(short);
    const second = await claimedSoon(scene);
    promised('the same record', shown(second), shown(first));
    for (const result of ['ok', 'dead'] as const) {
      promised('the first one has lost it', await scene.ack(first.token, { key: 'a', result, error: '' }), ['lost']);
    }
    promised('it cannot be held again', await scene.book.extend(first.token, ['a'], long), []);
    promised('it is unwritten', await scene.unwritten('a'), 'save 1');
    promised('the second one settles it', await scene.ack(second.token, { key: 'a', result: 'ok' }), ['clean']);
  },

  'a lease that ran out is still good while nobody else has claimed': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim(1);
    await delay(systemClock, 20);
    promised('it is settled', await scene.ack(token, { key: 'a', result: 'ok' }), ['clean']);
  },

  'a claim that is extended is held, key by key': async (scene) => {
    for (const key of ['a', 'b']) await scene.accepted(key, '1');
    const { token } = await scene.claim(short);
    promised('what is held is told', await scene.book.extend(token, ['a', 'none'], long), ['a']);
    const second = await claimedSoon(scene);
    promised('the other one is not held', shown(second), ['b=1']);
  },

  'a record to be tried again is due after its time, not before': async (scene) => {
    for (const key of ['a', 'b']) await scene.accepted(key, '1');
    const { token } = await scene.claim();
    const retry = { result: 'retry', counts: true, error: 'x' } as const;
    await scene.ack(token, { key: 'a', ...retry, after: 0 }, { key: 'b', ...retry, after: long });
    const due = await scene.book.claim({ token: 'next', max: 10, lease: long, all: false });
    promised('it alone is', shown(due), ['a=1']);
  },

  'refusals of one version are counted, those that count, and not those of another': async (scene) => {
    await scene.accepted('a', '1');
    const attempts: number[] = [];
    for (const counts of [true, false, true, true]) {
      const { token, records } = await scene.claim();
      attempts.push(records[0]!.attempts);
      await scene.ack(token, { key: 'a', result: 'retry', after: 0, counts, error: 'x' });
    }
    promised('they are counted', attempts, [0, 1, 1, 2]);
    await scene.accepted('a', '2');
    promised('a newer write has none', (await scene.claim()).records[0]!.attempts, 0);
  },

  'a newer write makes a key due that waits to be tried again': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'retry', after: long, counts: true, error: 'x' });
    await scene.accepted('a', '2');
    promised('it is due', shown(await scene.book.claim({ token: 'next', max: 10, lease: long, all: false })), ['a=2']); // prettier-ignore
  },

  'who finds nothing to claim is told when there will be something': async (scene) => {
    promised('never, if nothing is unwritten', (await scene.claim()).next, undefined);
    await scene.accepted('a', '1');
    await scene.claim(5_000);
    const { next } = await scene.claim();
    promisedThat('at the end of a lease', next !== undefined && next > 1_000 && next <= 5_000, next);
  },
};

async function claimedSoon(scene: Scene): Promise<Awaited<ReturnType<Scene['claim']>>> {
  let claim: Awaited<ReturnType<Scene['claim']>> | undefined;
  const ask = async (): Promise<number> => (claim = await scene.claim()).records.length;
  await scene.soon('a lease that ran out is over', ask, (count) => count > 0);
  return claim!;
}
