import { promised, promisedThat } from '../contract.ts';
import { type Cases, long, short } from './scene.ts';

export const conditions: Cases = {
  'a write on condition of a version is noted if that is the newest one, and told what is else': async (scene) => {
    promised('of none', (await scene.put('a', '1', { given: 0 })).state, 'accepted');
    const reply = await scene.put('a', '2', { given: 0 });
    const current = reply.state === 'changed' ? reply.current?.newest : undefined;
    promised('there is one', current && Buffer.from(current.payload).toString(), '1');
    promised('of that one', (await scene.put('a', '2', { given: current!.version })).state, 'accepted');
    promised('of an old one', (await scene.put('a', '3', { given: current!.version })).state, 'changed');
    promised('nothing else was noted', await scene.unwritten('a'), 'save 2');
  },

  'a write on condition of a version is refused when the key became clean': async (scene) => {
    const version = await scene.accepted('a', '1');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'ok' });
    promised('it is', await scene.put('a', '2', { given: version }), {
      state: 'changed',
      current: undefined,
      dirty: 0,
    });
    promised('nothing was noted', await scene.unwritten('a'), undefined);
  },

  'a read lease is granted for a clean key, to one at a time, and ends': async (scene) => {
    promised('to the first', await scene.book.lease('a', 't1', short), 'granted');
    promised('not to a second', await scene.book.lease('a', 't2', long), 'held');
    await scene.soon('it ends', () => scene.book.lease('a', 't2', long), (state) => state === 'granted'); // prettier-ignore
    promised('the first has none to give back', await scene.book.unlease('a', 't1'), false);
    promised('the second has', await scene.book.unlease('a', 't2'), true);
    promised('once', await scene.book.unlease('a', 't2'), false);
    await scene.accepted('b', '1');
    promised('not for a dirty key', await scene.book.lease('b', 't', long), 'dirty');
  },

  'a write under a read lease is noted while that stands, which any write of the key ends': async (scene) => {
    await scene.book.lease('a', 't', long);
    promised('it is noted', (await scene.put('a', '1', { lease: 't' })).state, 'accepted');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'ok' });
    promised('once', (await scene.put('a', '2', { lease: 't' })).state, 'changed');
    await scene.book.lease('b', 't', long);
    await scene.accepted('b', 'of another');
    const all = await scene.claim();
    await scene.ack(all.token, { key: 'b', result: 'ok' });
    promised('not after a write that came and went', (await scene.put('b', '2', { lease: 't' })).state, 'changed');
    promised('nothing was noted', await scene.unwritten('b'), undefined);
  },

  'an operation that is made again is the one that was made': async (scene) => {
    const version = await scene.accepted('a', 'first', { operation: 'op-1' });
    promised('at once', await scene.accepted('a', 'first', { operation: 'op-1' }), version);
    const newer = await scene.accepted('a', 'newer', { operation: 'op-2' });
    promised('after another one', await scene.accepted('a', 'first', { operation: 'op-1' }), version);
    promised('which it does not bury', await scene.unwritten('a'), 'save newer');
    const { token } = await scene.claim();
    await scene.ack(token, { key: 'a', result: 'ok' });
    promised('and when the key is clean', await scene.accepted('a', 'newer', { operation: 'op-2' }), newer);
    promised('nothing is unwritten then', await scene.unwritten('a'), undefined);
  },

  'an operation whose condition did not hold was not made': async (scene) => {
    await scene.accepted('a', '1');
    promised('it does not hold', (await scene.put('a', '2', { given: 0, operation: 'op' })).state, 'changed');
    promised('it can be made', (await scene.put('a', '2', { operation: 'op' })).state, 'accepted');
    promised('it is', await scene.unwritten('a'), 'save 2');
  },

  'writes that come together are all noted, each on its condition': async (scene) => {
    const keys = Array.from({ length: 50 }, (_, index) => `k${index % 5}`);
    const replies = await Promise.all(keys.map((key, at) => scene.put(key, String(at), { given: 0 })));
    promised('one of each key', replies.filter(({ state }) => state === 'accepted').length, 5);
    const versions = replies.map((reply) => (reply.state === 'accepted' ? reply.version : 0)).filter(Boolean);
    promisedThat('no version twice', new Set(versions).size === versions.length, versions);
  },
};
