import type { SharedSpace } from '../../model/store.ts';
import { promised } from '../contract.ts';
import { type Cases, frameOf, isAnswered, leased, lettersAt, long, put } from './scene.ts';

export const processes: Cases = {
  'processes that open one namespace share all that is in it': async ({ space, another }) => {
    const other = await another();
    await put(space, 'a', 'x');
    promised('frames', await lettersAt(other, 'a'), ['x']);
    await leased(space, 'b', 't');
    promised('leases', await leased(other, 'b', 't2'), 'held');
    await other.evict(['b']);
    promised('evictions', await space.fill('b', { token: 't', frame: frameOf('y'), ttl: long }), 'refused');
    await other.mark(['a'], 'w', long);
    promised('writers', [await lettersAt(space, 'a'), await leased(space, 'a', 't')], [[undefined], 'writing']);
    promised('their end', await other.commit('a', 'w', { frame: frameOf('z'), ttl: long }), 'filled');
    promised('and what they wrote', await lettersAt(space, 'a'), ['z']);
    const clock = await other.invalidate(['t']);
    promised('the record of tags', (await space.read([])).clock, clock);
  },

  'processes that ask for one lease at the same time are granted it once': async ({ space, another }) => {
    const other = await another();
    for (let turn = 0; turn < 10; turn += 1) {
      const asked = Array.from({ length: 20 }, (_, index) =>
        leased(index % 2 ? space : other, `a${turn}`, `t${index}`),
      );
      const states = await Promise.all(asked);
      promised('one is granted it', states.filter((state) => state === 'granted').length, 1);
      promised('it is held for the others', states.filter((state) => state === 'held').length, 19);
    }
  },

  'processes that invalidate at the same time are given instants of their own': async ({ space, another }) => {
    const other = await another();
    const asked = Array.from({ length: 40 }, (_, index) => (index % 2 ? space : other).invalidate([`t${index}`]));
    const clocks = await Promise.all(asked);
    promised('no two are the same', new Set(clocks.map(({ at }) => at)).size, 40);
    promised('the generation is', new Set(clocks.map(({ generation }) => generation)).size, 1);
    promised('all are recorded', (await space.tags({ generation: '', at: 0 })).instants.size, 40);
  },

  'namespaces know nothing of one another, though one’s name begins as the other’s': async (scene) => {
    const { space, namespace, another } = scene;
    const others = [await another(`${namespace}.a`), await another(`${namespace}-`), await another(`${namespace}1`)];
    for (const other of others) {
      await put(space, 'a', 'x');
      promised('frames are apart', await lettersAt(other, 'a'), [undefined]);
      promised('leases are apart', await leased(other, 'b', 't'), 'granted');
      await other.mark(['a', 'c'], 'w', long);
      await other.evict(['a', 'b', 'c']);
      promised('evictions are apart', await lettersAt(space, 'a'), ['x']);
      promised('writers are apart', await leased(space, 'c', 't'), 'granted');
      await space.release('c', 't');
      await other.invalidate(['t']);
      promised('tags are apart', (await space.read([])).clock, undefined);
    }
  },

  'a connection that is given up is followed by another, and nothing in the store is lost': async (scene) => {
    const { space } = scene;
    await put(space, 'a', 'x');
    await leased(space, 'b', 't');
    const clock = await space.invalidate(['t']);
    for (let turn = 0; turn < 3; turn += 1) {
      space.reset();
      await scene.soon('a store answers again after reset', () => space.ping(), isAnswered);
    }
    promised('frames are there', await lettersAt(space, 'a'), ['x']);
    promised('the record of tags is there', (await space.read([])).clock, clock);
    promised('leases stand', await space.fill('b', { token: 't', frame: frameOf('y'), ttl: long }), 'filled');
  },

  'a process that closes takes nothing with it': async ({ space, another, close }) => {
    const leaver = await another();
    await put(leaver, 'a', 'x');
    await leased(leaver, 'b', 't');
    await leaver.mark(['c'], 'w', long);
    await close(leaver);
    promised('frames are there', await lettersAt(space, 'a'), ['x']);
    promised('leases stand until they run out', await leased(space, 'b', 't2'), 'held');
    promised('markers stand until they run out', await leased(space, 'c', 't2'), 'writing');
  },

  'a process may close while calls are under way, and right after a reset': async ({ another, close }) => {
    const before: ((leaver: SharedSpace) => void)[] = [
      (leaver) => void leaver.read(['a']).catch(() => undefined),
      (leaver) => leaver.reset(),
    ];
    for (const prepare of before) {
      const leaver = await another();
      prepare(leaver);
      await close(leaver);
    }
  },
};
