import type { SharedSpace } from '../../model/store.ts';
import { promised } from '../contract.ts';
import { type Cases, frameOf, leased, lettersAt, long, put } from './scene.ts';

export const writers: Cases = {
  'a writer that begins deletes the frame and the lease, and forbids fills': async ({ space }) => {
    await put(space, 'a', 'x');
    await leased(space, 'a', 't', 'x');
    await space.mark(['a'], 'w', long);
    promised('the frame is deleted', await lettersAt(space, 'a'), [undefined]);
    promised('the lease is lost', await space.extend('a', 't', long), false);
    promised('the fill is refused', await space.fill('a', { token: 't', frame: frameOf('y'), ttl: long }), 'refused');
    promised('nobody gets a lease', await leased(space, 'a', 't2'), 'writing');
    promised('nothing is there', await lettersAt(space, 'a'), [undefined]);
  },

  'a writer that was alone has its value stored': async ({ space }) => {
    await space.mark(['a'], 'w', long);
    promised('it is stored', await commit(space, 'w', 'x'), 'filled');
    promised('it is there', [await lettersAt(space, 'a'), await leased(space, 'a', 't')], [['x'], 'filled with x']);
    promised('the marker is gone', await space.extend('a', 'w', long), false);
    await space.mark(['a'], 'w2', long);
    promised(
      'the next writer is alone again',
      [await commit(space, 'w2', 'y'), await lettersAt(space, 'a')],
      ['filled', ['y']],
    );
  },

  'a writer that ends without a value leaves the address empty, for anybody to fill': async ({ space }) => {
    await space.mark(['a'], 'w', long);
    await space.commit('a', 'w');
    promised('it is empty', await lettersAt(space, 'a'), [undefined]);
    promised('it may be filled', await leased(space, 'a', 't'), 'granted');
  },

  'writers that overlap leave the address empty, whichever ends first': async ({ space }) => {
    for (const [first, second] of [['w1', 'w2'] as const, ['w2', 'w1'] as const]) {
      await space.mark(['a'], 'w1', long);
      await space.mark(['a'], 'w2', long);
      promised('the first to end was not alone', await commit(space, first, 'x'), 'refused');
      promised('the other is still at work', await leased(space, 'a', 't'), 'writing');
      promised('the last to end was not alone', await commit(space, second, 'y'), 'refused');
      promised('it is empty', await lettersAt(space, 'a'), [undefined]);
      promised('it may be filled', await leased(space, 'a', 't'), 'granted');
    }
    await space.mark(['a'], 'w3', long);
    promised('a later writer is alone', await commit(space, 'w3', 'z'), 'filled');
  },

  'a writer counts as overlapped although the other ends without a value': async ({ space }) => {
    await space.mark(['a'], 'w1', long);
    await space.mark(['a'], 'w2', long);
    await space.commit('a', 'w2');
    promised(
      'it was not alone',
      [await commit(space, 'w1', 'x'), await lettersAt(space, 'a')],
      ['refused', [undefined]],
    );
  },

  'a third writer counts as overlapped as long as one of two is at work': async ({ space }) => {
    await space.mark(['a'], 'w1', long);
    await space.mark(['a'], 'w2', long);
    await commit(space, 'w1', 'x');
    await space.mark(['a'], 'w3', long);
    await commit(space, 'w2', 'y');
    promised(
      'it was not alone',
      [await commit(space, 'w3', 'z'), await lettersAt(space, 'a')],
      ['refused', [undefined]],
    );
  },

  'a commit without a mark stores nothing, and deletes the frame and the lease': async ({ space }) => {
    await put(space, 'a', 'x');
    await leased(space, 'a', 't', 'x');
    promised('it is refused', await commit(space, 'w', 'y'), 'refused');
    promised('the frame is deleted', await lettersAt(space, 'a'), [undefined]);
    promised('the lease is lost', await space.fill('a', { token: 't', frame: frameOf('z'), ttl: long }), 'refused');
    promised('nobody is at work', await leased(space, 'a', 't2'), 'granted');
  },

  'a commit without a mark has a writer at work count as overlapped': async ({ space }) => {
    await space.mark(['a'], 'w', long);
    promised('it is refused', await commit(space, 'unheard of', 'x'), 'refused');
    promised('the writer is still at work', await leased(space, 'a', 't'), 'writing');
    promised('the writer was not alone', await commit(space, 'w', 'y'), 'refused');
  },

  'several addresses are marked at once, and committed one by one': async ({ space }) => {
    await put(space, 'a', 'x');
    await put(space, 'b', 'y');
    await space.mark(['a', 'b', 'c'], 'w', long);
    promised('all are deleted', await lettersAt(space, 'a', 'b'), [undefined, undefined]);
    promised('one is committed', await commit(space, 'w', 'z'), 'filled');
    promised(
      'the others are not',
      [await leased(space, 'b', 't'), await leased(space, 'c', 't')],
      ['writing', 'writing'],
    );
    promised('another address is not concerned', await leased(space, 'd', 't'), 'granted');
  },
};

function commit(space: SharedSpace, token: string, letter: string): Promise<string> {
  return space.commit('a', token, { frame: frameOf(letter), ttl: long });
}
