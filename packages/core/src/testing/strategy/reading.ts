import { promised, promisedThat } from '../contract.ts';
import type { Cases, Scene } from './scene.ts';

export const reading: Cases = {
  'a value is loaded once, and comes again as it came first': async (scene) => {
    const value = { text: 'é', at: new Date(5), lines: new Map([['a', [1n, null]]]), none: undefined };
    scene.source.put('a', value);
    for (const time of ['first', 'second', 'third']) {
      promised(`the ${time} reader is given what the source has`, await scene.get('a'), value);
    }
    loadedOnce(scene, 'a');
  },

  'callers of one key share one load': async (scene) => {
    const { source, resource } = scene;
    source.put('a', 'value');
    const hold = source.hold('load');
    const one = Array.from({ length: 50 }, () => resource.get('a'));
    const many = resource.getMany(['a', 'a']);
    await scene.until('a load begins', () => hold.waiting > 0);
    await scene.clock.advance(500);
    const late = resource.get('a');
    await scene.clock.advance(500);
    promised('there is one load', source.loads, ['a']);
    hold.end();
    const came = await scene.settled(Promise.all([...one, late, many]));
    promised('all are given its value', came, [...one.map(() => 'value'), 'value', ['value', 'value']]);
    loadedOnce(scene, 'a');
  },

  'null is a value, and is kept': async (scene) => {
    for (let turn = 0; turn < 2; turn += 1) promised('there is none', await scene.get('a'), null);
    loadedOnce(scene, 'a');
    const peeked = await scene.settled(scene.resource.peek('a'));
    promised(
      'it is known that there is none',
      'value' in peeked ? peeked.value : undefined,
      scene.keeps ? null : undefined,
    );
  },

  'undefined says that nothing is known, and is never kept': async (scene) => {
    scene.source.put('a', undefined);
    for (let turn = 1; turn <= 2; turn += 1) {
      promised('nothing is known', await scene.get('a'), undefined);
      promised('the source is asked every time', scene.source.loads.length, turn);
      promised('there is nothing', await scene.settled(scene.resource.peek('a')), { hit: false });
    }
  },

  'an error of the loader reaches all who wait for it, and is not kept': async (scene) => {
    const { source, resource } = scene;
    source.loadError = new Error('the source is down');
    const callers = Array.from({ length: 5 }, () => reason(resource.get('a')));
    const many = reason(resource.getMany(['a', 'b']));
    for (const error of await scene.settled(Promise.all([...callers, many]))) {
      promisedThat('callers are given the very error', error === source.loadError, error);
    }
    promised('it is not kept', await scene.settled(resource.peek('a')), { hit: false });
    source.loadError = undefined;
    source.put('a', 'well again');
    promised('the next reader asks again', await scene.get('a'), 'well again');
  },

  'getMany gives values in the order of the keys, twice for one that is asked for twice': async (scene) => {
    const { source, resource } = scene;
    source.put('a', 1);
    source.put('b', 2);
    await scene.get('b');
    for (let turn = 0; turn < 2; turn += 1) {
      const before = source.loads.length;
      const came = await scene.settled(resource.getMany(['b', 'a', 'none', 'b', 'a']));
      promised('each is in its place', came, [2, 1, null, 2, 1]);
      const loads = source.loads.slice(before);
      promised('no key is loaded twice', [...loads].sort(byText), [...new Set(loads)].sort(byText));
    }
    for (const key of ['a', 'b', 'none']) loadedOnce(scene, key);
    promised('of no keys there are no values', await scene.settled(resource.getMany([])), []);
  },

  'peek tells what is there, and never loads': async (scene) => {
    scene.source.put('a', 'value');
    promised('there is nothing', await scene.settled(scene.resource.peek('a')), { hit: false });
    promised('nothing was loaded', scene.source.loads, []);
    await scene.get('a');
    const { hit } = await scene.settled(scene.resource.peek('a'));
    promised('what was loaded is there, if it can be', hit, scene.keeps);
    promised('nothing was loaded for it', scene.source.loads, ['a']);
  },

  'a value is loaded again when its time is over, and not before if it can be kept': async (scene) => {
    const { source, clock } = scene;
    source.ttl = '10s';
    source.put('a', 'old');
    await scene.get('a');
    source.put('a', 'new');
    await clock.advance(9_000);
    const alwaysKept = scene.tiers.shared || scene.tiers.wire === undefined;
    promised('it lives as long as its loader says', await scene.get('a'), alwaysKept ? 'old' : 'new');
    await clock.advance(1_000);
    promised('it lives no longer', await scene.get('a'), 'new');
  },
};

function loadedOnce({ source, keeps }: Scene, key: string): void {
  const loads = source.loads.filter((each) => each === key).length;
  if (keeps) promised(`'${key}' is loaded once`, loads, 1);
}

async function reason(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
