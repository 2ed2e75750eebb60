import type { TagClock } from '../../model/entry.ts';
import { promised, promisedThat } from '../contract.ts';
import type { SharedStoreContractOptions } from './options.ts';
import { type Cases, lettersAt, put } from './scene.ts';

/** What a process knows that has asked for nothing yet. */
const nothing: TagClock = { generation: '', at: 0 };

export function tags({ loseTags }: SharedStoreContractOptions): Cases {
  return loseTags === undefined ? kept : { ...kept, ...lost(loseTags) };
}

const kept: Cases = {
  'tags creates an empty record where there is none, and read tells its clock': async ({ space }) => {
    promised('there is no record yet', (await space.read([])).clock, undefined);
    const { clock, instants } = await space.tags(nothing);
    promised('nothing was invalidated', [...instants], []);
    promised('read tells the clock', (await space.read([])).clock, clock);
    promised('read tells it along with frames', (await space.read(['a'])).clock, clock);
    promised('it is the same for who asks again', await space.tags(nothing), { clock, instants });
  },

  'invalidate gives every time a later instant of one generation': async ({ space }) => {
    const { clock } = await space.tags(nothing);
    let last = clock;
    for (let turn = 0; turn < 50; turn += 1) {
      const next = await space.invalidate([`tag ${turn % 3}`]);
      promised('the generation stays', next.generation, clock.generation);
      promisedThat('instants are whole numbers that rise', isLater(next, last), [last.at, next.at]);
      promised('read tells the last instant', (await space.read([])).clock, next);
      last = next;
    }
  },

  'invalidate begins a record where there is none': async ({ space }) => {
    const clock = await space.invalidate(['t']);
    promised('it is the record’s clock', (await space.read([])).clock, clock);
    promised('the tag has its instant', await space.tags(nothing), { clock, instants: new Map([['t', clock.at]]) });
  },

  'tags tells what was invalidated after an instant, each with its last instant': async ({ space }) => {
    const first = await space.invalidate(['a', 'b']);
    const second = await space.invalidate(['b', 'c']);
    const third = await space.invalidate(['d']);
    const since = async (clock: TagClock): Promise<unknown> => {
      const record = await space.tags(clock);
      promised('the clock is that of the last invalidation', record.clock, third);
      return Object.fromEntries(record.instants);
    };
    const all = { a: first.at, b: second.at, c: second.at, d: third.at };
    promised('who knows nothing is told all', await since(nothing), all);
    promised('who knows the first is told the others', await since(first), { b: second.at, c: second.at, d: third.at });
    promised('who knows the second is told the last', await since(second), { d: third.at });
    promised('who knows all is told nothing', await since(third), {});
  },

  'tags tells all to who knows another generation, however late it thinks it is': async ({ space }) => {
    const clock = await space.invalidate(['t']);
    const { instants } = await space.tags({ generation: 'another', at: clock.at + 1_000_000 });
    promised('it is told all', [...instants], [['t', clock.at]]);
  },

  'invalidate takes many tags of any characters at once': async ({ space }) => {
    const odd = ['#a', '#A', '#a b', '#é', '#e\u0301', '#\u{1F600}', '#"', '#\\', '#a:b', '#*', '#\n', '@x', '*'];
    const many = [...odd, ...Array.from({ length: 500 }, (_, index) => `#${index}`)];
    const { at } = await space.invalidate(many);
    const { instants } = await space.tags(nothing);
    promised('each has the instant', instants, new Map(many.map((tag) => [tag, at])));
  },

  'invalidate leaves the frames to be judged by their readers': async ({ space }) => {
    await put(space, 'a', 'x');
    await space.invalidate(['t']);
    promised('the frame is there', await lettersAt(space, 'a'), ['x']);
  },
};

function lost(loseTags: NonNullable<SharedStoreContractOptions['loseTags']>): Cases {
  return {
    'a record of tags that was lost is followed by one of another generation': async ({ space, namespace }) => {
      const before = await space.invalidate(['old']);
      await loseTags(namespace);
      const { clock, instants } = await space.tags(before);
      promisedThat('the generation is another', clock.generation !== before.generation, [before, clock]);
      promised('nothing is known of before', [...instants], []);
      const after = await space.invalidate(['new']);
      promised('the generation stays from then on', after.generation, clock.generation);
      promised('what is new is told to all', [...(await space.tags(before)).instants], [['new', after.at]]);
    },
  };
}

function isLater(next: TagClock, last: TagClock): boolean {
  return Number.isSafeInteger(next.at) && next.at > last.at;
}
