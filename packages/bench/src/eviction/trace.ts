import { seeded } from '../measure/random.ts';
import { zipf } from '../measure/zipf.ts';

/** Who is asked for, one after the other, as small numbers. */
export type Trace = Int32Array;

/** How many keys there are to be popular: what sizes of caches are fractions of. */
export const keys = 20_000;
const length = 400_000;

/** Popularity alone: the same keys are asked for again and again, some much more often. */
function popularity(): Trace {
  const draw = zipf(keys, 0.99, seeded(1));
  return trace(draw);
}

/** The same, and every 40 000 requests somebody walks through a tenth as many keys that nobody else asks for. */
function scans(): Trace {
  const draw = zipf(keys, 0.99, seeded(2));
  let scanned = keys;
  return trace((at) => (at % 40_000 < 4_000 ? scanned++ : draw()));
}

/** What is popular changes: every 40 000 requests, a quarter of the most popular keys are others. */
function movingHotSet(): Trace {
  const random = seeded(3);
  const draw = zipf(keys, 0.99, random);
  const names = Int32Array.from({ length: keys }, (_, rank) => rank);
  return trace((at) => {
    if (at % 40_000 === 0) {
      for (let rank = 0; rank < keys / 10; rank += 1) {
        const other = Math.floor(random() * keys);
        if (random() < 0.25) [names[rank], names[other]] = [names[other]!, names[rank]!];
      }
    }
    return names[draw()]!;
  });
}

/** An eighth of the keys in their order, over and over, and nothing else. */
function loop(): Trace {
  return trace((at) => at % (keys / 8));
}

/** A twentieth of the keys in their order, over and over, while others ask for what is popular. */
function popularityAndLoop(): Trace {
  const random = seeded(4);
  const draw = zipf(keys, 0.99, random);
  let place = 0;
  return trace(() => (random() < 0.5 ? keys + (place++ % (keys / 20)) : draw()));
}

/** Every other request is for a key that was never asked for, and never will be again. */
function oneHitWonders(): Trace {
  const random = seeded(5);
  const draw = zipf(keys, 0.99, random);
  let fresh = keys;
  return trace(() => (random() < 0.5 ? fresh++ : draw()));
}

/** What was asked for a moment ago is likely to be asked for again, and nothing is popular for long. */
function recency(): Trace {
  const random = seeded(6);
  let newest = 0;
  return trace(() => {
    if (random() < 0.2) newest += 1;
    // How long ago: 150 keys on the mean, with a long tail.
    const ago = Math.floor(-Math.log(1 - random()) * 30 * (random() < 0.2 ? 20 : 1));
    return Math.max(0, newest - ago);
  });
}

/** Every trace by its name; the same ones each time. */
export const traces: readonly (readonly [name: string, make: () => Trace])[] = [
  ['Zipf 0.99', popularity],
  ['Zipf with scans', scans],
  ['moving hot set', movingHotSet],
  ['Zipf with a loop', popularityAndLoop],
  ['loop', loop],
  ['one-hit wonders', oneHitWonders],
  ['recency only', recency],
];

function trace(next: (at: number) => number): Trace {
  return Int32Array.from({ length }, (_, at) => next(at));
}
