import { delay, systemClock } from '../../model/clock.ts';
import type { SharedSpace } from '../../model/store.ts';
import { promised, promisedThat } from '../contract.ts';
import { type Cases, frameOf, leased, lettersAt, long, put, short } from './scene.ts';

export const expiries: Cases = {
  'a frame is forgotten when its time is over, and not before': async ({ space, soon }) => {
    await put(space, 'kept', 'x');
    await put(space, 'filled', 'y', short);
    await space.mark(['committed'], 'w', long);
    await space.commit('committed', 'w', { frame: frameOf('z'), ttl: short });
    const gone = (came: unknown[]): boolean => came.every((letter) => letter === undefined);
    await soon('a frame is gone after its time', () => lettersAt(space, 'filled', 'committed'), gone);
    promised('another is still there', await lettersAt(space, 'kept'), ['x']);
    promised('the place is free', await leased(space, 'filled', 't'), 'granted');
  },

  'a lease runs out, for another to take, and its fill is refused from then on': async ({ space, soon }) => {
    await space.lease('a', { token: 'dead', ttl: short });
    await soon('a lease runs out', () => leased(space, 'a', 't'), isGranted);
    promised('it is lost', await space.extend('a', 'dead', long), false);
    promised('and cannot be given back', await space.release('a', 'dead'), false);
    promised('and allows no fill', await space.fill('a', { token: 'dead', frame: frameOf('x'), ttl: long }), 'refused');
    promised('the new holder has it', await space.fill('a', { token: 't', frame: frameOf('y'), ttl: long }), 'filled');
    promised('and its value is there', await lettersAt(space, 'a'), ['y']);
  },

  'a lease that ran out allows no fill, although nobody else took it': async ({ space, soon }) => {
    let pause = short;
    const late = async (): Promise<string> => {
      const address = `for ${(pause *= 2)} ms`;
      await space.lease(address, { token: 't', ttl: short });
      await delay(systemClock, pause);
      return space.fill(address, { token: 't', frame: frameOf('x'), ttl: long });
    };
    await soon('a fill that comes too late is refused', late, (fill) => fill === 'refused');
    promised('nothing is stored', await lettersAt(space, `for ${pause} ms`), [undefined]);
  },

  'a lease that is extended outlives its first time': async ({ space }) => {
    await outlives(space, (address, ttl) => space.lease(address, { token: 't', ttl }), 'held');
  },

  'a write marker runs out, and its writer’s commit leaves nothing behind': async ({ space, soon }) => {
    await space.mark(['a'], 'dead', short);
    await soon('a marker runs out', () => leased(space, 'a', 't'), isGranted);
    promised('it is lost', await space.extend('a', 'dead', long), false);
    promised('fills are stored', await space.fill('a', { token: 't', frame: frameOf('x'), ttl: long }), 'filled');
    const late = await space.commit('a', 'dead', { frame: frameOf('y'), ttl: long });
    promised('a late commit deletes and stores nothing', [late, await lettersAt(space, 'a')], ['refused', [undefined]]);
  },

  'a writer whose marker ran out has the next one count as overlapped': async ({ space, soon }) => {
    await space.mark(['a'], 'dead', short);
    await soon('a marker runs out', () => leased(space, 'a', 't'), isGranted);
    await space.mark(['a'], 'next', long);
    const late = await space.commit('a', 'dead', { frame: frameOf('x'), ttl: long });
    promised('a late commit is refused', late, 'refused');
    promised('the next writer is still at work', await leased(space, 'a', 't'), 'writing');
    const next = await space.commit('a', 'next', { frame: frameOf('y'), ttl: long });
    promised('which of them the source took last is not known', next, 'refused');
    promised('so there is nothing', await lettersAt(space, 'a'), [undefined]);
  },

  'a writer that begins after another’s marker ran out is alone': async ({ space, soon }) => {
    await space.mark(['a'], 'dead', short);
    await soon('a marker runs out', () => leased(space, 'a', 't'), isGranted);
    await space.mark(['a'], 'next', long);
    const next = await space.commit('a', 'next', { frame: frameOf('x'), ttl: long });
    promised('its value is stored', [next, await lettersAt(space, 'a')], ['filled', ['x']]);
  },

  'a write marker that is extended outlives its first time': async ({ space }) => {
    await outlives(space, (address, ttl) => space.mark([address], 't', ttl), 'writing');
  },

  'a writer that began while another was at work was not alone, although the other’s marker ran out': async (scene) => {
    const { space } = scene;
    for (let ttl = 100; ; ttl *= 4) {
      const [address, begun] = [`for ${ttl} ms`, systemClock.elapsed(true)];
      await space.mark([address], 'dead', ttl);
      await space.mark([address], 'next', long);
      // On a machine so slow that they did not meet, tries again with a longer time.
      if (systemClock.elapsed(true) - begun >= ttl / 2) continue;
      await delay(systemClock, ttl * 1.5);
      const next = await space.commit(address, 'next', { frame: frameOf('x'), ttl: long });
      promised('its value is refused', [next, await lettersAt(space, address)], ['refused', [undefined]]);
      return;
    }
  },

  'a marker that ran out holds nobody up, although a longer one was there': async ({ space, soon }) => {
    await space.mark(['a'], 'long', long);
    await space.mark(['a'], 'dead', short);
    await space.commit('a', 'long');
    await soon('the other runs out', () => leased(space, 'a', 't'), isGranted);
    await space.mark(['a'], 'next', long);
    const next = await space.commit('a', 'next', { frame: frameOf('x'), ttl: long });
    promised('the next writer is alone', [next, await lettersAt(space, 'a')], ['filled', ['x']]);
  },

  'a write marker is not cut short by another’s that is shorter': async ({ space }) => {
    await space.mark(['a'], 'long', long);
    await space.mark(['a'], 'short', short);
    await delay(systemClock, 3 * short);
    promised('the longer one stands', await leased(space, 'a', 't'), 'writing');
  },
};

/** On a machine so slow that the first time was over before it was extended, tries again with a longer one. */
async function outlives(
  space: SharedSpace,
  take: (address: string, ttl: number) => Promise<unknown>,
  state: string,
): Promise<void> {
  for (let ttl = 100; ; ttl *= 4) {
    const [address, begun] = [`for ${ttl} ms`, systemClock.elapsed(true)];
    await take(address, ttl);
    const extended = await space.extend(address, 't', long);
    const isSlow = systemClock.elapsed(true) - begun >= ttl / 2;
    promisedThat('what is held can be extended', extended || isSlow, extended);
    if (!extended) continue;
    await delay(systemClock, ttl * 1.5);
    promised('it stands after its first time', await leased(space, address, 'other'), state);
    return;
  }
}

function isGranted(state: string): boolean {
  return state === 'granted';
}
