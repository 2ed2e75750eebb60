import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from '../src/reset.ts';

let listener: Server;
beforeAll(async () => {
  listener = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined)).unref();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => void listener.close());

async function connected(): Promise<{ near: Socket; far: Socket }> {
  const arrival = once(listener, 'connection') as Promise<[Socket]>;
  const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = await Promise.all([arrival, once(near, 'connect')]);
  return { near, far };
}

test('the other side sees a reset', async () => {
  const { near, far } = await connected();
  reset(near);
  expect(await once(far, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
});

test('a socket whose end is on its way is closed all the same', async () => {
  const { near, far } = await connected();
  near.end();
  reset(near);
  expect(await once(near, 'close')).toEqual([false]);
  far.destroy();
});
