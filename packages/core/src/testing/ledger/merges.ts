import { promised } from '../contract.ts';
import { type Cases, shown } from './scene.ts';

export const merges: Cases = {
  'a merge that is claimed stays as it is, and later ones gather beside it': async (scene) => {
    await scene.merge('a', '+10');
    const { token, records } = await scene.claim();
    promised('it is claimed', [shown({ records }), records[0]!.op], [['a=+10'], 'merge']);
    promised('it is on its way', await scene.unwritten('a'), ' on +10');
    promised('the next one begins anew', (await scene.merge('a', '+3')).state, 'accepted');
    promised('both are read', await scene.unwritten('a'), 'merge +3 on +10');
    promised('nothing is claimed meanwhile', await scene.claimed(), []);
    promised('the next one is queued', await scene.ack(token, { key: 'a', result: 'ok' }), ['again']);
    promised('then it is claimed', await scene.claimed(), ['a=+3']);
  },

  'a merge that is tried again is the very one that was, under its version': async (scene) => {
    await scene.merge('a', '+10');
    const first = await scene.claim();
    await scene.merge('a', '+3');
    await scene.ack(first.token, { key: 'a', result: 'retry', after: 0, counts: true, error: 'x' });
    const second = await scene.claim();
    promised('the same', [shown(second), second.records[0]!.version], [['a=+10'], first.records[0]!.version]);
    await scene.ack(second.token, { key: 'a', result: 'ok' });
    promised('then the next', await scene.claimed(), ['a=+3']);
  },

  'a value takes the place of merges that wait, and comes after one that is on its way': async (scene) => {
    await scene.merge('a', '+1');
    await scene.accepted('a', 'value');
    promised('it is what counts', await scene.unwritten('a'), 'save value');
    await scene.merge('b', '+1');
    const { token } = await scene.claim();
    await scene.accepted('b', 'value');
    promised('it comes after', await scene.unwritten('b'), 'save value on +1');
    await scene.ack(token, { key: 'b', result: 'ok' });
    promised('then it is claimed', await scene.claimed(), ['b=value']);
  },

  'a merge that is given up is a dead letter though others came after it, and those go on': async (scene) => {
    await scene.merge('a', '+10');
    const { token } = await scene.claim();
    await scene.merge('a', '+3');
    promised('it is', await scene.ack(token, { key: 'a', result: 'dead', error: 'no' }), ['dead']);
    promised('the others are claimed', await scene.claimed(), ['a=+3']);
    promised('it can be read', (await scene.book.dead(10)).map(({ op }) => op), ['merge']); // prettier-ignore
  },

  'a merge that is given up while a value waits is no dead letter': async (scene) => {
    await scene.merge('a', '+10');
    const { token } = await scene.claim();
    await scene.accepted('a', 'value');
    promised('it is healed', await scene.ack(token, { key: 'a', result: 'dead', error: 'no' }), ['healed']);
    promised('there is none', await scene.book.dead(10), []);
  },
};
