import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { sessionStore } from '../../src/session.ts';
import { sessionsIn } from './behaviour.ts';

describe('sessions in memory', () => {
  sessionsIn(async () => {
    const clock = new ManualClock();
    return { cache: createCache({ clock }), elapse: (ms) => clock.advance(ms) };
  });
});

test.each([
  [{}, /cache is missing/],
  [{ cache: {} }, /must be a cache/],
  [{ cache: createCache(), ttl: 0 }, /longer than zero/],
  [{ cache: createCache(), name: 'a:b' }, /letters, digits/],
  [{ cache: createCache(), prefix: 'x' }, /has no option 'prefix'/],
])('wrong options %# are refused with what to write', (options, sentence) => {
  expect(() => sessionStore(options as never)).toThrow(sentence);
});
