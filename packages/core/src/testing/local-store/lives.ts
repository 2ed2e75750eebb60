import { promised, promisedThat } from '../contract.ts';
import { type Cases, dropped, fill, find } from './scene.ts';

export const lives: Cases = {
  'an entry that is of no use any more is found as it was, or counted as dropped': async ({ users, entry, clock }) => {
    const kept = fill(
      users,
      Array.from({ length: 100 }, (_, index) => entry(index)),
    );
    await clock.advance(59_999);
    promised('while it is of use it is held, or counted as dropped', users.size + dropped(users), kept.size);
    await clock.advance(86_400_000);
    promisedThat('what is found is held', find(users, kept) <= kept.size, users.size);
    promised('what is not held is counted as dropped', users.size + dropped(users), kept.size);
    const again = entry('again');
    const expected = users.set('key 0', again) ? [again, undefined] : [undefined];
    promisedThat('what took its place is found, or nothing', expected.includes(users.get('key 0')), users.get('key 0'));
  },

  'the wall clock says nothing about how long entries live': async ({ users, entry, clock }) => {
    const kept = entry('kept');
    users.set('a', kept);
    for (const ms of [86_400_000, -3 * 86_400_000]) {
      clock.set(ms);
      await clock.advance(1_000);
      promisedThat('it is there when the clock was set', users.get('a') === kept, users.get('a'));
    }
  },

  'a store that is closed holds nothing, in whatever segment': ({ space, users, entry }) => {
    const carts = space.segment('cart');
    for (const segment of [users, carts]) segment.set('a', entry('value'));
    space.close();
    for (const segment of [users, carts]) {
      promised('nothing is found', segment.get('a'), undefined);
      promised('nothing is held', [segment.size, segment.figures().entries], [0, 0]);
    }
  },

  'spaces that are open at the same time are apart': ({ users, entry, another }) => {
    const other = another();
    users.set('a', entry('ours'));
    promised('the other has nothing', other.segment('user').get('a'), undefined);
    other.close();
    promised('its end is not ours', users.get('a')?.value, 'ours');
  },
};
