import { promised, promisedThat } from '../contract.ts';
import { ways } from './forgetting.ts';
import { type Cases, defaultStaleness } from './scene.ts';

/** What the processes that share a store are promised of one another. */
export const sharing: Cases = {
  'a value is loaded once for all processes': async (scene) => {
    const other = scene.another();
    scene.source.put('a', 'value');
    const hold = scene.source.hold('load');
    const both = Promise.all([scene.resource.get('a'), other.resource.get('a')]);
    await scene.until('a load begins', () => hold.waiting > 0);
    await scene.clock.advance(500);
    hold.end();
    promised('both are given it', await scene.settled(both), ['value', 'value']);
    promised('there was one load', scene.source.loads, ['a']);
  },

  'a load that fails does not keep other processes waiting': async (scene) => {
    const other = scene.another();
    scene.source.loadError = new Error('the source is down');
    await scene.settled(scene.resource.get('a').catch(() => undefined));
    scene.source.loadError = undefined;
    scene.source.put('a', 'value');
    const begun = scene.clock.elapsed();
    promised('the other is given the value', await scene.settled(other.resource.get('a')), 'value');
    const ms = scene.clock.elapsed() - begun;
    promisedThat('it is given at once', ms < 500, ms);
  },

  'a write is seen by every other process, once the source has it': async (scene) => {
    const other = scene.another();
    scene.source.put('a', 'old');
    for (const process of [scene, other]) await scene.settled(process.resource.get('a'));
    await scene.write('a', 'new');
    await scene.until('a write gets to the source', () => scene.source.has('a') === 'new');
    await scene.clock.advance(defaultStaleness);
    promised('the other is given what was written', await scene.settled(other.resource.get('a')), 'new');
    promised('so is who wrote it', await scene.get('a'), 'new');
  },

  'a load of another process that began before a write does not bring back what was before': async (scene) => {
    const other = scene.another();
    scene.source.put('a', 'old');
    const hold = scene.source.hold('load');
    const before = other.resource.get('a');
    await scene.until('a load begins', () => hold.waiting > 0);
    await scene.write('a', 'new');
    await scene.until('a write gets to the source', () => scene.source.has('a') === 'new');
    await scene.clock.advance(defaultStaleness);
    hold.end();
    await scene.settled(before);
    for (const process of [other, scene, scene.another()]) {
      promised('every process is given what was written', await scene.settled(process.resource.get('a')), 'new');
    }
  },

  'what one process forgets, every other one has forgotten too': async (scene) => {
    const other = scene.another();
    for (const [version, forget] of Object.values(ways).entries()) {
      scene.source.put('a', version);
      promised('it is done', await scene.settled(forget(scene)), 'done');
      await scene.clock.advance(defaultStaleness);
      promised('the other is given what there is now', await scene.settled(other.resource.get('a')), version);
    }
  },
};
