import { promised, promisedThat } from '../contract.ts';
import type { Cases, Scene } from './scene.ts';

/** The ways to have a cache forget what it has of the key `a`. */
export const ways: Record<string, (scene: Scene) => Promise<unknown>> = {
  'evict(key)': ({ resource }) => resource.evict('a'),
  'clear() of the resource': ({ resource }) => resource.clear(),
  'clear() of the cache': ({ cache }) => cache.clear(),
  'invalidateTags(tag)': ({ cache }) => cache.invalidateTags('tag of a'),
};

export const forgetting: Cases = {
  ...Object.assign({}, ...Object.entries(ways).map(([name, forget]) => casesOf(name, forget))),

  'evict(key) touches no other key': async (scene) => {
    for (const key of ['a', 'b']) scene.source.put(key, 'old');
    await scene.settled(scene.resource.getMany(['a', 'b']));
    for (const key of ['a', 'b']) scene.source.put(key, 'new');
    await scene.settled(scene.resource.evict('a'));
    const peeked = await scene.settled(scene.resource.peek('b'));
    const stays = scene.tiers.shared || scene.tiers.wire === undefined;
    if (stays) promised('the other is still there', 'value' in peeked ? peeked.value : undefined, 'old');
  },

  'invalidateTags(tag) touches nothing that has not the tag': async (scene) => {
    scene.source.put('b', 'old');
    await scene.get('b');
    scene.source.put('b', 'new');
    await scene.settled(scene.cache.invalidateTags('tag of a'));
    const stays = scene.tiers.shared || scene.tiers.wire === undefined;
    if (stays) promised('it is still there', await scene.get('b'), 'old');
  },
};

function casesOf(name: string, forget: (scene: Scene) => Promise<unknown>): Cases {
  return {
    [`what was there before ${name} is not given after it`]: async (scene) => {
      scene.source.put('a', 'old');
      await scene.get('a');
      scene.source.put('a', 'new');
      promisedOutcome(scene, await scene.settled(forget(scene)));
      await givesNew(scene);
    },

    [`a load that began before ${name} does not bring it back`]: async (scene) => {
      const { source, resource } = scene;
      source.put('a', 'old');
      const hold = source.hold('load');
      const before = resource.get('a');
      await scene.until('a load begins', () => hold.waiting > 0);
      source.put('a', 'new');
      promisedOutcome(scene, await scene.settled(forget(scene)));
      const after = resource.get('a');
      await scene.clock.advance(200);
      hold.end();
      const came = await scene.settled(before);
      promisedThat('who asked before is given either', came === 'old' || came === 'new', came);
      promised('who asked after is given what there is now', await scene.settled(after), 'new');
      await givesNew(scene);
    },
  };
}

function promisedOutcome({ tiers }: Scene, came: unknown): void {
  if (tiers.wire === undefined || tiers.shared) promised('it is done', came, 'done');
  else promised('it is pending while the store does not answer', came, 'pending');
}

async function givesNew(scene: Scene): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    promised('readers are given what there is now', await scene.get('a'), 'new');
    promised('so are readers of many', await scene.settled(scene.resource.getMany(['a', 'a'])), ['new', 'new']);
    const peeked = await scene.settled(scene.resource.peek('a'));
    promisedThat('what was before is not there', !('value' in peeked) || peeked.value === 'new', peeked);
    await scene.clock.advance(1_500);
  }
}
