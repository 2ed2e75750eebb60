import { promised, promisedThat } from '../contract.ts';
import type { LocalStoreContractOptions } from './options.ts';
import { type Cases, dropped, fill, find } from './scene.ts';

export function bounds({ tooLarge }: LocalStoreContractOptions): Cases {
  return tooLarge === undefined ? anyBounds : { ...anyBounds, ...bySize(tooLarge) };
}

const anyBounds: Cases = {
  'however many entries there are, those that are found are counted, and so are those that were dropped': (scene) => {
    const { users, entry } = scene;
    const many = Array.from({ length: 20_000 }, (_, index) => entry(index));
    const kept = fill(users, many);
    const { size } = users;
    promised('as many are found as it says to hold', find(users, kept), size);
    promised('as many as it says to hold, its figures say too', users.figures().entries, size);
    promised('each that was kept is held, or counted as dropped', size + dropped(users), kept.size);
    for (const key of kept.keys()) users.delete(key);
    promised('there is nothing when all is deleted', [users.size, users.figures().entries], [0, 0]);
    promised('what was deleted does not count as dropped', dropped(users), kept.size - size);
  },

  'an entry that is refused is not found, nor is the one that was there': ({ users, entry }) => {
    for (let length = 1; length <= 2 ** 24; length *= 16) {
      users.set('a', entry('before'));
      const next = entry('x'.repeat(length));
      const kept = users.set('a', next);
      promisedThat('it is kept, or neither is', users.get('a') === (kept ? next : undefined), users.get('a'));
    }
  },

  'figures are whole numbers, or say that they are not known': ({ users, entry }) => {
    fill(users, [entry('a'), entry('b'), entry('c')]);
    const { entries, bytes, evictions } = users.figures();
    const counts = [entries, bytes ?? 0, evictions.capacity, evictions.expired, evictions.tooLarge];
    promisedThat(
      'each is a number from zero',
      counts.every((count) => count >= 0 && Number.isInteger(count)),
      counts,
    );
  },
};

function bySize(tooLarge: unknown): Cases {
  return {
    'an entry that is larger than all the room there is is refused and counted, and drops no other': (scene) => {
      const { space, users, entry } = scene;
      const carts = space.segment('cart');
      carts.set('a', entry('small'));
      users.set('a', entry('small'));
      promised('it is refused', users.set('a', entry(tooLarge)), false);
      promised('nothing is there', [users.get('a'), users.size], [undefined, 0]);
      promised('it is counted', users.figures().evictions.tooLarge, 1);
      promised('others are held, or counted as dropped', carts.size + dropped(carts), 1);
      promised('others are not counted', carts.figures().evictions.tooLarge, 0);
      promised('a smaller one is kept again', users.set('a', entry('small')), true);
      const { bytes } = users.figures();
      promisedThat('what takes room is counted', bytes !== undefined && bytes > 0, bytes);
    },
  };
}
