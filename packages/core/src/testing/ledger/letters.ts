import { broken, promised } from '../contract.ts';
import type { Cases, Scene } from './scene.ts';

export const letters: Cases = {
  'a record that is given up is a dead letter, with all that is known of it': async (scene) => {
    const version = await scene.accepted('a', '1');
    const first = await scene.claim();
    await scene.ack(first.token, { key: 'a', result: 'retry', after: 0, counts: true, error: 'the first reason' });
    await bury(scene, 'a', 'the last reason');
    const [letter, ...others] = await scene.book.dead(10);
    if (letter === undefined) throw broken('there is a letter', letter);
    const { id, payload, ...rest } = letter;
    promised('it is the one', [Buffer.from(payload).toString(), typeof id, others.length], ['1', 'string', 0]);
    promised('with what is known', rest, { key: 'a', op: 'save', version, attempts: 1, error: 'the last reason' });
    promised('it is not unwritten any more', [await scene.unwritten('a'), await scene.claimed()], [undefined, []]);
    promised('it is counted', (await scene.book.stats()).dead, 1);
  },

  'a newer write heals a record that is given up': async (scene) => {
    await scene.accepted('a', '1');
    const { token } = await scene.claim();
    await scene.accepted('a', '2');
    promised('it is told', await scene.ack(token, { key: 'a', result: 'dead', error: 'x' }), ['healed']);
    promised('there is no letter', await scene.book.dead(10), []);
    promised('the newer one is claimed', await scene.claimed(), ['a=2']);
  },

  'dead letters are listed from the oldest on, in portions': async (scene) => {
    for (const key of ['a', 'b', 'c']) {
      await scene.accepted(key, '1');
      await bury(scene, key, 'x');
    }
    const first = await scene.book.dead(2);
    const rest = await scene.book.dead(2, first[1]!.id);
    promised('each once', [...first, ...rest].map(({ key }) => key), ['a', 'b', 'c']); // prettier-ignore
    promised('then none', await scene.book.dead(2, rest[0]!.id), []);
  },

  'a dead letter is queued again under its version, once': async (scene) => {
    const version = await scene.accepted('a', '1');
    await bury(scene, 'a', 'x');
    const [letter] = await scene.book.dead(1);
    promised('it is', await scene.book.redrive(letter!.id), 'redriven');
    promised('and no letter', await scene.book.dead(1), []);
    promised('once', await scene.book.redrive(letter!.id), 'gone');
    const { records } = await scene.claim();
    promised('it is claimed', [records[0]!.version, records[0]!.attempts], [version, 0]);
  },

  'a dead letter does not bury what was written since': async (scene) => {
    await scene.accepted('a', '1');
    await bury(scene, 'a', 'x');
    await scene.accepted('a', '2');
    const [letter] = await scene.book.dead(1);
    promised('it is superseded', await scene.book.redrive(letter!.id), 'superseded');
    promised('the newer one stays', await scene.unwritten('a'), 'save 2');
    promised('so does the letter', (await scene.book.dead(1)).length, 1);
  },

  'a dead letter that is queued again ends the read lease of its key': async (scene) => {
    await scene.accepted('a', '1');
    await bury(scene, 'a', 'x');
    const [letter] = await scene.book.dead(1);
    promised('the key is clean', await scene.book.lease('a', 'reader', 60_000), 'granted');
    promised('it is queued', await scene.book.redrive(letter!.id), 'redriven');
    promised('who read before it writes nothing', (await scene.put('a', '2', { lease: 'reader' })).state, 'changed');
    promised('it is still there', await scene.unwritten('a'), 'save 1');
  },

  'a merge among the dead letters is queued under a new version, once no other waits': async (scene) => {
    await scene.merge('a', '+10');
    await bury(scene, 'a', 'x');
    await scene.merge('a', '+3');
    const [letter] = await scene.book.dead(1);
    promised('not beside another', await scene.book.redrive(letter!.id), 'busy');
    const { token, records } = await scene.claim();
    promised('but beside one on its way', await scene.book.redrive(letter!.id), 'redriven');
    promised('it waits', await scene.unwritten('a'), 'merge +10 on +3');
    await scene.ack(token, { key: 'a', result: 'ok' });
    const next = await scene.claim();
    promised('it is newer', next.records[0]!.version > records[0]!.version, true);
  },

  'a dead letter that is discarded is gone': async (scene) => {
    await scene.accepted('a', '1');
    await bury(scene, 'a', 'x');
    const [letter] = await scene.book.dead(1);
    promised('it was there', await scene.book.discard(letter!.id), true);
    promised('it is not', [await scene.book.discard(letter!.id), await scene.book.dead(1)], [false, []]);
  },
};

async function bury(scene: Scene, key: string, error: string): Promise<void> {
  const { token } = await scene.claim();
  await scene.ack(token, { key, result: 'dead', error });
}
