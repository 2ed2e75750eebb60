import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Events } from '../../src/model/events.ts';
import { thrownBy } from '../support/failure.ts';

const miss = { resource: 'user', key: '7' };
let warnings: unknown[][];
beforeEach(() => {
  warnings = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((...warning: unknown[]) => void warnings.push(warning));
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('an event reaches every listener of its name, in their order, and no other', () => {
  const events = new Events();
  const heard: string[] = [];
  events.on('miss', ({ key }) => heard.push(`first ${key}`));
  events.on('miss', ({ key }) => heard.push(`second ${key}`));
  events.on('storeUp', ({ store }) => heard.push(store));
  events.emit('miss', miss);
  expect(heard).toEqual(['first 7', 'second 7']);
});

test.each([
  ['laod', () => undefined, "has no event 'laod'; did you mean 'load'?"],
  ['toString', () => undefined, "has no event 'toString'; it has 'miss', 'load',"],
  [5, () => undefined, 'has no event 5'],
  ['load', undefined, 'the listener must be a function, not undefined'],
  ['load', { load: () => undefined }, 'the listener must be a function, not object'],
])('to listen to %p with %p is refused, with what to write', (name, listener, sentence) => {
  const error = thrownBy(() => new Events().on(name as 'load', listener as () => void));
  expect(error.message).toContain(`cache.on${sentence.startsWith('the') ? ': ' : ' '}${sentence}`);
});

test('an event that nobody listens to harms nobody', () => {
  expect(() => new Events().emit('miss', miss)).not.toThrow();
});

test('a listener hears nothing once it has stopped, and may stop twice', () => {
  const events = new Events();
  const heard = jest.fn();
  const stop = events.on('miss', heard);
  stop();
  stop();
  events.emit('miss', miss);
  expect(heard).not.toHaveBeenCalled();
});

test('a listener that throws is told of as a process warning, and the others hear the event', () => {
  const events = new Events();
  const heard = jest.fn();
  events.on('miss', () => {
    throw new Error('broken listener');
  });
  events.on('miss', heard);
  events.emit('miss', miss);
  expect(heard).toHaveBeenCalledWith(miss);
  expect(warnings).toEqual([["a listener of the cache event 'miss' threw: broken listener", 'CacheWarning']]);
});

test('a listener that throws something without a text harms nobody either', () => {
  const events = new Events();
  events.on('miss', () => {
    throw Object.create(null) as Error;
  });
  expect(() => events.emit('miss', miss)).not.toThrow();
  expect(warnings).toHaveLength(1);
});

test('an async listener that rejects is told of as a process warning, not as an unhandled rejection', async () => {
  const events = new Events();
  // TypeScript's `void` lets an async function pass in many places.
  const listener: unknown = () => Promise.reject(new Error('broken listener'));
  events.on('miss', listener as () => void);
  events.emit('miss', miss);
  await turn();
  expect(warnings).toHaveLength(1);
});

test('listeners may come and go while they are told', () => {
  const events = new Events();
  const heard: string[] = [];
  const stop = events.on('miss', () => {
    heard.push('once');
    stop();
    events.on('miss', () => heard.push('later'));
  });
  events.on('miss', () => heard.push('always'));
  events.emit('miss', miss);
  expect(heard).toEqual(['once', 'always']);
  events.emit('miss', miss);
  expect(heard).toEqual(['once', 'always', 'always', 'later']);
});
