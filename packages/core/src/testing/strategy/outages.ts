import { promised, promisedThat } from '../contract.ts';
import { ways } from './forgetting.ts';
import { type Cases, defaultStaleness, type Scene } from './scene.ts';
import { wires } from './tiers.ts';

/** For how long, in milliseconds, a store may have been back before all that it missed is made up for. */
const recovery = 5_000;

const { 'that is well': well, ...faults } = wires;

/** What is promised of a shared store that was out of reach for a while. */
export const outages: Cases = {
  'what was written during an outage is given when it is over': async (scene) => {
    for (const fault of faultsOf(scene)) {
      scene.source.put('a', 'old');
      await scene.settled(scene.resource.evict('a'));
      await scene.get('a');
      scene.wire = fault;
      await scene.write('a', 'new');
      await scene.until('a write gets to the source', () => scene.source.has('a') === 'new');
      await isNew(scene);
    }
  },

  'what was forgotten during an outage is not given when it is over': async (scene) => {
    for (const forget of Object.values(ways)) {
      for (const fault of faultsOf(scene)) {
        scene.source.put('a', 'old');
        await scene.settled(scene.resource.evict('a'));
        await scene.get('a');
        scene.source.put('a', 'new');
        scene.wire = fault;
        promised('it is pending', await scene.settled(forget(scene)), 'pending');
        await isNew(scene);
      }
    }
  },

  'a read does not wait for a store that stays away': async (scene) => {
    for (const fault of faultsOf(scene)) {
      scene.wire = fault;
      for (let turn = 0; turn < 10; turn += 1) await scene.get(`key ${turn}`);
      const begun = scene.clock.elapsed();
      await scene.get('another');
      const ms = scene.clock.elapsed() - begun;
      promisedThat('the next one is answered at once', ms < 50, ms);
      scene.wire = well;
      await scene.clock.advance(recovery);
    }
  },
};

/** The ways to be out of reach, each after a time in which the store was well. */
function* faultsOf(scene: Scene): Iterable<(typeof wires)[keyof typeof wires]> {
  for (const fault of Object.values(faults)) {
    scene.wire = well;
    yield fault;
  }
}

/** Who made the change is given the new value at once, others when the store has heard of it. */
async function isNew(scene: Scene): Promise<void> {
  promised('who changed it is given what is new', await scene.get('a'), 'new');
  scene.wire = well;
  promised('also when the store is just back', await scene.get('a'), 'new');
  await scene.clock.advance(recovery + defaultStaleness);
  promised('and later', await scene.get('a'), 'new');
  promised('as is every other process', await scene.settled(scene.another().resource.get('a')), 'new');
}
