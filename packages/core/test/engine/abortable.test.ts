import { getEventListeners } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import { orAborted, throwIfAborted } from '../../src/engine/abortable.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

let works: Deferred<number>[];
let controller: AbortController;
let waits: Promise<number>[];
const listeners = (): number => getEventListeners(controller.signal, 'abort').length;
beforeEach(() => {
  controller = new AbortController();
  works = Array.from({ length: 20 }, () => deferred<number>());
  waits = works.map(({ promise }) => orAborted(promise, controller.signal));
});

test('however many waits a signal may end, it has one listener, and none once they are over', async () => {
  expect(listeners()).toBe(1);
  works.forEach(({ resolve }, index) => resolve(index));
  expect(await Promise.all(waits)).toEqual(works.map((_, index) => index));
  expect(listeners()).toBe(0);
});

test('a signal ends every wait at once, whatever becomes of the work', async () => {
  const reason = new Error('the client has gone');
  controller.abort(reason);
  const settled = await Promise.allSettled(waits);
  expect(settled).toEqual(waits.map(() => ({ status: 'rejected', reason })));
  works.forEach(({ resolve, reject }, index) => (index % 2 === 0 ? resolve(index) : reject(new Error('too late'))));
  await expect(orAborted(Promise.resolve(1), controller.signal)).rejects.toBe(reason);
});

test('a wait that is over leaves the others theirs', async () => {
  works[0]!.reject(new Error('no'));
  await expect(waits[0]).rejects.toThrow('no');
  controller.abort();
  const settled = await Promise.allSettled(waits.slice(1));
  expect(settled).toEqual(settled.map(() => ({ status: 'rejected', reason: controller.signal.reason as unknown })));
});

test('without a signal there is nothing to wait for but the work', async () => {
  const work = Promise.resolve(1);
  expect(orAborted(work, undefined)).toBe(work);
  expect(() => throwIfAborted(undefined)).not.toThrow();
});

test('a signal of a polyfill needs neither throwIfAborted nor a reason', async () => {
  const polyfill = Object.assign(new EventTarget(), { aborted: true }) as unknown as AbortSignal;
  expect(() => throwIfAborted(polyfill)).toThrow(expect.objectContaining({ name: 'AbortError' }));
  await expect(orAborted(Promise.resolve(1), polyfill)).rejects.toMatchObject({ name: 'AbortError' });
});
