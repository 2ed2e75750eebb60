import type { LocalEntry } from '../../model/store.ts';
import { promised, promisedThat } from '../contract.ts';
import { seededRandom } from '../random.ts';
import { type Cases, dropped } from './scene.ts';

const keys = [
  ...['a', 'A', ' a', 'a ', 'a\0', '0', '00', '-0', '1e3', '1000', 'é', 'e\u0301', '\u{1F600}', '\uFEFF'],
  ...['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'null', 'undefined', 'x'.repeat(512)],
];

export const entries: Cases = {
  'an entry that was kept is found as the very same': ({ users, entry }) => {
    for (const value of [{ name: 'Ann' }, null, undefined, 0, NaN, '', () => 1, Symbol('s'), new Map(), [1]]) {
      const kept = entry(value);
      promised('it is kept', users.set('a', kept), true);
      const came = users.get('a');
      promisedThat('the entry is the very same', came === kept, came);
      promisedThat('its value is the very same', Object.is(came?.value, value), came?.value);
    }
  },

  'a key that was never kept is not found, be it the name of something else': ({ users }) => {
    for (const key of keys) promised(`${JSON.stringify(key)} is not there`, users.get(key), undefined);
    promised('there is nothing', users.size, 0);
  },

  'no two keys are taken for one': ({ users, entry }) => {
    for (const key of keys) {
      users.set(key, entry(key));
      promised(`the only one, kept under ${JSON.stringify(key)}, is there`, users.get(key)?.value, key);
      users.delete(key);
    }
    for (const key of keys) {
      users.set(key, entry(key));
      for (const other of keys) {
        const came = users.get(other);
        promisedThat(`what is under ${JSON.stringify(other)} was kept there`, (came?.value ?? other) === other, came);
      }
    }
  },

  'an entry takes the place of the one there was': ({ users, entry }) => {
    const [first, second] = [entry('first'), entry('second')];
    users.set('a', first);
    users.set('a', second);
    promisedThat('the second is found', users.get('a') === second, users.get('a'));
    promised('they are one entry', [users.size, users.figures().entries], [1, 1]);
    users.delete('a');
    promised('there is nothing under it', users.get('a'), undefined);
  },

  'a key that was deleted is not found, and can be kept again': ({ users, entry }) => {
    users.set('a', entry(1));
    users.delete('a');
    users.delete('a');
    users.delete('never kept');
    promised('it is gone', users.get('a'), undefined);
    const again = entry(3);
    promised('it can be kept again', users.set('a', again), true);
    promisedThat('it is there again', users.get('a') === again, users.get('a'));
  },

  'segments are apart, though they have the same keys': ({ space, users, entry }) => {
    for (const name of ['cart', '', '__proto__', 'User']) {
      const other = space.segment(name);
      users.delete('a');
      const theirs = entry(name);
      other.set('a', theirs);
      promised(`what '${name}' has is not found in 'user'`, users.get('a'), undefined);
      users.set('a', entry('user'));
      promisedThat(`'${name}' has its own, or nothing`, [theirs, undefined].includes(other.get('a')), other.get('a'));
      other.delete('a');
      promised(`what '${name}' deletes is held by 'user', or counted as dropped`, users.size + dropped(users), 1);
      users.delete('a');
    }
  },

  'whatever order keys are kept and deleted in, only what was kept last is found': ({ users, entry }) => {
    const random = seededRandom(1);
    const kept = new Map<string, LocalEntry>();
    for (let turn = 0; turn < 5_000; turn += 1) {
      const key = `key ${random.integer(20)}`;
      const what = random.pick(['get', 'get', 'set', 'delete'] as const);
      if (what === 'delete') {
        users.delete(key);
        kept.delete(key);
      } else if (what === 'set') {
        const next = entry(turn);
        if (users.set(key, next)) kept.set(key, next);
        else kept.delete(key);
      }
      const came = users.get(key);
      const last = came === undefined || came === kept.get(key);
      promisedThat(`what is found in turn ${turn} is what was kept last`, last, { came, kept: kept.get(key) });
    }
  },
};
