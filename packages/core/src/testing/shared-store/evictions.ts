import { promised } from '../contract.ts';
import { type Cases, frameOf, leased, lettersAt, long, put } from './scene.ts';

export const evictions: Cases = {
  'evict deletes the frames it is told, and no others': async ({ space }) => {
    for (const address of ['a', 'b', 'c']) await put(space, address, 'x');
    promised('it is done', await space.evict(['a', 'none', 'b', 'a']), 'done');
    promised('what it was told is gone', await lettersAt(space, 'a', 'b', 'c'), [undefined, undefined, 'x']);
  },

  'evict takes the lease away, so that no load in progress can fill': async ({ space }) => {
    await leased(space, 'a', 'old');
    await space.evict(['a']);
    promised('a later reader may load at once', await leased(space, 'a', 'new'), 'granted');
    const old = await space.fill('a', { token: 'old', frame: frameOf('x'), ttl: long });
    promised('what was loaded before is refused', [old, await lettersAt(space, 'a')], ['refused', [undefined]]);
    const young = await space.fill('a', { token: 'new', frame: frameOf('y'), ttl: long });
    promised('what was loaded after is stored', [young, await lettersAt(space, 'a')], ['filled', ['y']]);
  },

  'evict leaves a writer at work, whose value may be older and is refused': async ({ space }) => {
    await space.mark(['a'], 'w', long);
    await space.evict(['a']);
    promised('the writer is still at work', await leased(space, 'a', 't'), 'writing');
    promised('its marker can be extended', await space.extend('a', 'w', long), true);
    const committed = await space.commit('a', 'w', { frame: frameOf('x'), ttl: long });
    promised('its value is refused', [committed, await lettersAt(space, 'a')], ['refused', [undefined]]);
    promised('the address is free', await leased(space, 'a', 't'), 'granted');
  },

  'evict says nothing of writers that begin later': async ({ space }) => {
    await space.evict(['a']);
    await space.mark(['a'], 'w', long);
    const committed = await space.commit('a', 'w', { frame: frameOf('x'), ttl: long });
    promised('the writer was alone', [committed, await lettersAt(space, 'a')], ['filled', ['x']]);
  },
};
