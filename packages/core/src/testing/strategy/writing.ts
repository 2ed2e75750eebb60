import { promised, promisedThat } from '../contract.ts';
import type { Cases, Scene } from './scene.ts';

export const writing: Cases = {
  'a write is seen by the next read, and reaches the source': async (scene) => {
    scene.source.put('a', 'before');
    await scene.get('a');
    for (const value of ['one', { two: 2 }, null, 'four']) {
      await scene.write('a', value);
      await gives(scene, value);
    }
    await scene.close();
    promised('the source has the last of them', scene.source.has('a'), 'four');
  },

  'a write of what nobody has read is seen by the next read': async (scene) => {
    await scene.write('a', 'new');
    await gives(scene, 'new');
  },

  'writes of many keys at the same time are seen, each where it belongs': async (scene) => {
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    await scene.settled(Promise.all(keys.map((key) => scene.writing(key, `value of ${key}`))));
    const values = keys.map((key) => `value of ${key}`);
    promised('each has its own', await scene.settled(scene.resource.getMany(keys)), values);
    await scene.close();
    promised('so has the source', keys.map((key) => scene.source.has(key)), values); // prettier-ignore
  },

  'a load that began before a write does not bring back what was before': async (scene) => {
    scene.source.put('a', 'old');
    const hold = scene.source.hold('load');
    const before = scene.resource.get('a');
    await scene.until('a load begins', () => hold.waiting > 0);
    await scene.write('a', 'new');
    hold.end();
    const came = await scene.settled(before);
    promisedThat('who asked before is given either', came === 'old' || came === 'new', came);
    await gives(scene, 'new');
  },

  'what readers load while a write is under way is not kept': async (scene) => {
    scene.source.put('a', 'old');
    const saves = scene.source.hold('save');
    const write = scene.writing('a', 'new');
    await scene.clock.advance(400);
    const came = await scene.get('a');
    promisedThat('who reads meanwhile is given either', came === 'old' || came === 'new', came);
    const loads = scene.source.hold('load');
    const during = scene.resource.get('a');
    await scene.clock.advance(200);
    saves.end();
    await scene.settled(write);
    loads.end();
    await scene.settled(during);
    await gives(scene, 'new');
  },

  'a write is seen although the key is evicted while it is under way': async (scene) => {
    scene.source.put('a', 'old');
    const saves = scene.source.hold('save');
    const write = scene.writing('a', 'new');
    await scene.settled(scene.resource.evict('a'));
    saves.end();
    await scene.settled(write);
    await gives(scene, 'new');
  },

  'a write that fails leaves what the source has, and one that is accepted gets there': async (scene) => {
    for (const saved of [false, true]) await failing(scene, `key ${saved}`, saved);
    await scene.close();
  },

  'writes of one key that overlap leave what the source has': async (scene) => {
    const saves = scene.source.hold('save');
    const writes = Promise.all(['one', 'two', 'three'].map((value) => scene.writing('a', value)));
    await scene.clock.advance(600);
    saves.letLastGo();
    await scene.clock.advance(10);
    saves.end();
    await scene.settled(writes);
    const came = await scene.get('a');
    await gives(scene, came);
    await scene.close();
    promised('what was read is what the source has', came, scene.source.has('a'));
  },
};

/** Every way to read gives the value, now and later. */
async function gives(scene: Scene, value: unknown): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    promised('the next read is given what was written', await scene.get('a'), value);
    promised('so is the next of many', await scene.settled(scene.resource.getMany(['a'])), [value]);
    await scene.clock.advance(1_500);
  }
}

async function failing(scene: Scene, key: string, saved: boolean): Promise<void> {
  const { source } = scene;
  source.put(key, 'old');
  await scene.get(key);
  const error = new Error('the source is down');
  source.saveError = { error, saved };
  const accepted = await scene.settled(
    scene.writing(key, 'new').then(
      () => true,
      (reason: unknown) => {
        promisedThat('a write rejects with the very error of the source', reason === error, reason);
        return false;
      },
    ),
  );
  const expected = accepted ? 'new' : source.has(key);
  promised('reads are given what the source has, or was accepted', await scene.get(key), expected);
  await scene.clock.advance(10_000);
  promised('also later, while the source is down', await scene.get(key), expected);
  source.saveError = undefined;
  if (!accepted) return;
  await scene.until('what was accepted gets to the source', () => source.has(key) === 'new');
}
