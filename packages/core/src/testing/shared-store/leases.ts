import { promised } from '../contract.ts';
import { type Cases, frameOf, leased, lettersAt, long, put } from './scene.ts';

export const leases: Cases = {
  'the lease of an empty address is granted to one token at a time': async ({ space }) => {
    promised('the first is granted it', await leased(space, 'a', 't1'), 'granted');
    promised('it is held for the second', await leased(space, 'a', 't2'), 'held');
    promised('another address has another lease', await leased(space, 'b', 't2'), 'granted');
  },

  'the lease of a filled address is not granted: the frame is given instead': async ({ space }) => {
    await put(space, 'a', 'x');
    promised('there is a value', await leased(space, 'a', 't'), 'filled with x');
    promised('it is still there', await lettersAt(space, 'a'), ['x']);
  },

  'a frame that the caller has seen does not count as a value, and another one does': async ({ space }) => {
    await put(space, 'a', 'x');
    promised('another one is there', await leased(space, 'a', 't1', 'y'), 'filled with x');
    promised('the seen one does not count', await leased(space, 'a', 't1', 'x'), 'granted');
    promised('its lease is held', await leased(space, 'a', 't2', 'x'), 'held');
    promised('others find it meanwhile', await lettersAt(space, 'a'), ['x']);
    const filled = await space.fill('a', { token: 't1', frame: frameOf('y'), ttl: long });
    promised('the next one takes its place', [filled, await lettersAt(space, 'a')], ['filled', ['y']]);
    promised('who has seen the old one finds it', await leased(space, 'a', 't2', 'x'), 'filled with y');
  },

  'a frame takes the place of the very one that was seen, and of no other': async ({ space }) => {
    const replace = (seen: string, by: string): Promise<string> =>
      space.replace('a', { seen: frameOf(seen), frame: frameOf(by), ttl: long });
    promised('not of none', [await replace('x', 'y'), await lettersAt(space, 'a')], ['refused', [undefined]]);
    await put(space, 'a', 'x');
    promised('not of another', [await replace('y', 'z'), await lettersAt(space, 'a')], ['refused', ['x']]);
    promised('of that one', [await replace('x', 'y'), await lettersAt(space, 'a')], ['filled', ['y']]);
  },

  'a frame that differs in its last byte is another one': async ({ space }) => {
    await put(space, 'a', 'x');
    const almost = new Uint8Array(frameOf('x')).fill(0, 99);
    const replaced = await space.replace('a', { seen: almost, frame: frameOf('y'), ttl: long });
    promised('it takes no place', [replaced, await lettersAt(space, 'a')], ['refused', ['x']]);
  },

  'a frame takes no place while somebody loads or writes': async ({ space }) => {
    const replace = (): Promise<string> => space.replace('a', { seen: frameOf('x'), frame: frameOf('y'), ttl: long });
    await put(space, 'a', 'x');
    await leased(space, 'a', 't', 'x');
    promised('not while somebody has the lease', [await replace(), await lettersAt(space, 'a')], ['refused', ['x']]);
    await space.release('a', 't');
    await space.mark(['a'], 'w', long);
    promised('not while somebody writes', [await replace(), await lettersAt(space, 'a')], ['refused', [undefined]]);
  },

  'a fill is stored while its lease stands, and ends it': async ({ space }) => {
    await leased(space, 'a', 't');
    const fill = (letter: string): Promise<string> =>
      space.fill('a', { token: 't', frame: frameOf(letter), ttl: long });
    promised('the first one is stored', [await fill('x'), await lettersAt(space, 'a')], ['filled', ['x']]);
    promised('the second has no lease', [await fill('y'), await lettersAt(space, 'a')], ['refused', ['x']]);
    promised('the lease has ended', await leased(space, 'a', 't2', 'x'), 'granted');
  },

  'a fill without the lease is refused, and changes nothing': async ({ space }) => {
    const fill = { token: 'late', frame: frameOf('x'), ttl: long };
    promised('there never was one', await space.fill('a', fill), 'refused');
    await leased(space, 'a', 't');
    promised('another has it', await space.fill('a', fill), 'refused');
    promised('nothing was stored', await lettersAt(space, 'a'), [undefined]);
    promised('the other still has it', await space.fill('a', { ...fill, token: 't' }), 'filled');
  },

  'a fill is refused once its lease was given back, evicted, or taken by a writer': async ({ space }) => {
    const ends: Record<string, () => Promise<unknown>> = {
      released: () => space.release('released', 't'),
      evicted: () => space.evict(['evicted']),
      marked: () => space.mark(['marked'], 'w', long),
    };
    for (const [how, end] of Object.entries(ends)) {
      await leased(space, how, 't');
      await end();
      const came = await space.fill(how, { token: 't', frame: frameOf('x'), ttl: long });
      promised(`a fill whose lease was ${how} is refused`, came, 'refused');
      promised(`nothing is stored where it was ${how}`, await lettersAt(space, how), [undefined]);
    }
  },

  'a lease that is given back may be taken at once, and only its holder can give it back': async ({ space }) => {
    await leased(space, 'a', 't');
    promised('others cannot', await space.release('a', 'other'), false);
    promised('it is still held', await leased(space, 'a', 't2'), 'held');
    promised('the holder can', await space.release('a', 't'), true);
    promised('but once', await space.release('a', 't'), false);
    promised('it is free', await leased(space, 'a', 't2'), 'granted');
    promised('and not the old holder’s any more', await space.release('a', 't'), false);
  },

  'giving a lease back, or extending it, leaves the frame as it was': async ({ space }) => {
    await put(space, 'a', 'x');
    await leased(space, 'a', 't', 'x');
    promised('it is extended', await space.extend('a', 't', long), true);
    promised('it is given back', await space.release('a', 't'), true);
    promised('the frame is there', await lettersAt(space, 'a'), ['x']);
  },

  'what is not held can be neither extended nor given back': async ({ space }) => {
    promised('nothing to extend', await space.extend('a', 't', long), false);
    promised('nothing to give back', await space.release('a', 't'), false);
    await leased(space, 'a', 't');
    promised('not by another', await space.extend('a', 'other', long), false);
    await space.fill('a', { token: 't', frame: frameOf('x'), ttl: long });
    promised('not after the fill', [await space.extend('a', 't', long), await space.release('a', 't')], [false, false]);
    promised('nothing was taken by trying', await leased(space, 'a', 't2', 'x'), 'granted');
  },
};
