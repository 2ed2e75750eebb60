import type { Cache } from '../../cache.ts';
import type { Counters } from '../../engine/counting.ts';
import type { Quota } from '../../model/counters.ts';
import { type CacheCases, type CacheContractOptions, type CacheScene, inTime, overCaches } from '../cache-scene.ts';
import { type ContractCase, promised, promisedThat } from '../contract.ts';

/**
 * The cases that show whether a store keeps the promises of `CounterSpace`, as `cache.counters` gives them. `cache`
 * makes a cache over the store; what a case leaves there expires within two minutes.
 */
export function countersContract(cache: () => Cache, options: CacheContractOptions = {}): ContractCase[] {
  const counters = (made: Cache, name: string): Counters => made.counters(name, { onOutage: 'closed' });
  const both = (['fixed', 'sliding'] as const).flatMap((algorithm) =>
    Object.entries(ofEither(algorithm)).map(([name, run]) => [`${algorithm}: ${name}`, run] as const),
  );
  return overCaches(cache, counters, { ...Object.fromEntries(both), ...ofFixed, ...ofSliding, ...together }, options);
}

type Algorithm = Quota['algorithm'];
const long = 60_000;

const quota = (algorithm: Algorithm, more: Partial<Quota> = {}): Quota => ({
  key: 'ann',
  window: long,
  algorithm,
  limit: 3,
  countRefused: false,
  ...more,
});

const ofEither = (algorithm: Algorithm): CacheCases<Counters> => ({
  'as many hits are allowed as the limit says, and no more': async ({ subject }) => {
    const came = await hits(subject, quota(algorithm), 5);
    promised('three are', came, ['1 yes', '2 yes', '3 yes', '3 no', '3 no']);
    promised('the figures can be looked at', (await subject.look('g', quota(algorithm))).hits, 3);
  },

  'hits that come at once are counted one by one': async ({ subject }) => {
    const limited = quota(algorithm, { limit: 100 });
    const came = await Promise.all(Array.from({ length: 400 }, () => subject.hit('g', [limited])));
    promised('a hundred are allowed', came.filter(({ allowed }) => allowed).length, 100);
    const ranks = came.filter(({ allowed }) => allowed).map(({ usages }) => usages[0]!.hits);
    promised('none of them is the same one', new Set(ranks).size, 100);
  },

  'hits that are refused count where that is asked for': async ({ subject }) => {
    const came = await hits(subject, quota(algorithm, { countRefused: true }), 5);
    promised('they do', came, ['1 yes', '2 yes', '3 yes', '4 no', '5 no']);
  },

  'a limit of zero allows nothing, and an infinite one all': async ({ subject }) => {
    promised('nothing', await hits(subject, quota(algorithm, { limit: 0 }), 1), ['0 no']);
    promised('all', await hits(subject, quota(algorithm, { limit: Infinity }), 3), ['1 yes', '2 yes', '3 yes']);
  },

  'keys and groups of any characters and length are told apart': async ({ subject }) => {
    const keys = ['', 'a', 'a\r\nFLUSHALL', '*', '{a}', '\uD800', '\uD801', ':', 'x'.repeat(50_000), '__proto__'];
    for (const key of keys) {
      promised('the first of its key', await hits(subject, quota(algorithm, { key }), 1), ['1 yes']);
      promised('the first of its group', await hits(subject, quota(algorithm), 1, `group ${key}`), ['1 yes']);
    }
  },

  'a hit can be taken back, and never more than there were': async ({ subject }) => {
    await hits(subject, quota(algorithm), 3);
    await subject.giveBack('g', quota(algorithm));
    promised('there is room for one', await hits(subject, quota(algorithm), 2), ['3 yes', '3 no']);
    for (let times = 0; times < 5; times += 1) await subject.giveBack('g', quota(algorithm));
    promised('none is left', (await subject.look('g', quota(algorithm))).hits, 0);
    promised('and none is owed', await hits(subject, quota(algorithm), 1), ['1 yes']);
  },

  'a key can be reset, and all of a name cleared': async ({ subject, other }) => {
    const [ann, ben] = [quota(algorithm), quota(algorithm, { key: 'ben' })];
    await hits(subject, ann, 3);
    await hits(subject, ben, 3);
    await hits(other, ann, 3);
    await subject.reset('g', ann);
    promised('one is reset', [(await subject.look('g', ann)).hits, (await subject.look('g', ben)).hits], [0, 3]);
    await subject.clear();
    promised('all are cleared', (await subject.look('g', ben)).hits, 0);
    promised('but for those of another name', (await other.look('g', ann)).hits, 3);
    await other.clear();
  },

  'hits are forgotten in time': (scene) =>
    inTime(async (short) => {
      const brief = quota(algorithm, { window: short });
      await hits(scene.subject, brief, 4);
      await scene.elapse(short + short / 8 + 20);
      promised('there is room for three', (await hits(scene.subject, brief, 4)).at(-1), '3 no');
    }),

  'it is told within what time there is room again': (scene) =>
    inTime(async (short) => {
      const brief = quota(algorithm, { window: short });
      await hits(scene.subject, brief, 3);
      const { allowed, usages } = await scene.subject.hit('g', [brief]);
      const { resetIn } = usages[0]!;
      promised('it is refused', allowed, false);
      promisedThat(
        'that is within the window, and a part of it',
        resetIn > 0 && resetIn <= short + short / 16,
        resetIn,
      );
      await scene.elapse(resetIn + 10);
      promised('then there is', (await scene.subject.hit('g', [brief])).allowed, true);
    }),
});

const ofFixed: CacheCases<Counters> = {
  'fixed: a window begins with its first hit, and later hits do not move its end': (scene) =>
    inTime(async (short) => {
      const brief = quota('fixed', { window: short });
      const first = await hit(scene, brief);
      await scene.elapse(short / 2);
      const second = await hit(scene, brief);
      promised('the first begins it', first, short);
      promisedThat('the second is half way', second <= short / 2 + 5, second);
    }),
};

const ofSliding: CacheCases<Counters> = {
  'sliding: never are more than the limit allowed in any span of a window': (scene) =>
    inTime(async (short) => {
      const brief = quota('sliding', { window: short, limit: 4 });
      // Two at the end of what would be a fixed window, and then as many as it takes.
      await hits(scene.subject, brief, 1);
      await scene.elapse(short * 0.75);
      promised('three are left', await hits(scene.subject, brief, 4), ['2 yes', '3 yes', '4 yes', '4 no']);
      await scene.elapse(short * 0.4);
      promised('only the first is forgotten', await hits(scene.subject, brief, 2), ['4 yes', '4 no']);
    }),
};

const together: CacheCases<Counters> = {
  'several quotas are hit together, or none of them': async ({ subject }) => {
    const address = quota('sliding', { key: 'address', limit: 5 });
    const user = quota('fixed', { key: 'user', limit: 2 });
    const came = [];
    for (let times = 0; times < 4; times += 1) {
      const { allowed, usages } = await subject.hit('g', [address, user]);
      came.push([allowed, ...usages.map(({ hits }) => hits)]);
    }
    promised('the stricter one decides for both', came, [[true, 1, 1], [true, 2, 2], [false, 2, 2], [false, 2, 2]]); // prettier-ignore
    promised('the other has room', await hits(subject, address, 4), ['3 yes', '4 yes', '5 yes', '5 no']);
  },

  'no quota at all allows': async ({ subject }) => {
    promised('it does', await subject.hit('g', []), { allowed: true, usages: [] });
  },
};

async function hit({ subject }: CacheScene<Counters>, quota: Quota): Promise<number> {
  return (await subject.hit('g', [quota])).usages[0]!.resetIn;
}

/** What comes of so many hits: `'3 yes'` where the third is allowed. */
async function hits(counters: Counters, quota: Quota, times: number, group = 'g'): Promise<string[]> {
  const came: string[] = [];
  for (let time = 0; time < times; time += 1) {
    const { allowed, usages } = await counters.hit(group, [quota]);
    came.push(`${usages[0]!.hits} ${allowed ? 'yes' : 'no'}`);
  }
  return came;
}
