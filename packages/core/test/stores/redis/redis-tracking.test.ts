import { beforeEach, describe, expect, test } from '@jest/globals';
import type { BusContext } from '@cache/core';
import { type NodeRedisClientLike, redisTracking } from '@cache/core/redis';
import { ManualClock } from '@cache/core/testing';

/** A node-redis whose server answers as the test says. */
class FakeServer {
  readonly sent: string[] = [];
  readonly clients: FakeClient[] = [];
  answer: (command: string) => Promise<unknown> = async () => 'OK';

  client(): NodeRedisClientLike {
    return new FakeClient(this);
  }
}

class FakeClient implements NodeRedisClientLike {
  readonly #server: FakeServer;
  readonly #listeners = new Map<string, (told: never) => void>();
  destroyed = false;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  duplicate(): NodeRedisClientLike {
    const client = new FakeClient(this.#server);
    this.#server.clients.push(client);
    return client;
  }

  async connect(): Promise<void> {}

  async subscribe(): Promise<void> {}

  destroy(): void {
    this.destroyed = true;
  }

  on(event: string, listener: (told: never) => void): void {
    this.#listeners.set(event, listener);
  }

  emit(event: string, told: unknown): void {
    this.#listeners.get(event)?.(told as never);
  }

  sendCommand(args: readonly (string | Buffer)[]): Promise<unknown> {
    this.#server.sent.push(args.join(' '));
    return this.#server.answer(args.join(' '));
  }
}

let clock: ManualClock;
let server: FakeServer;
let told: string[];
beforeEach(() => {
  clock = new ManualClock();
  server = new FakeServer();
  told = [];
});

async function open() {
  const context: BusContext = {
    namespace: 'shop',
    clock,
    staleness: 1_000,
    changed: (addresses) => told.push(`changed ${addresses.join()}`),
    touched: (addresses) => told.push(`touched ${addresses.join()}`),
    invalidated: (tags) => told.push(`invalidated ${tags.join()}`),
    tagsTouched: () => told.push('tags'),
    listening: () => told.push('listening'),
    heard: (since) => told.push(`heard ${since - began}`),
    missed: (reason) => told.push(`missed ${reason}`),
    lost: () => told.push('lost'),
    report: (error) => told.push(`error ${(error as Error).message}`),
  };
  const began = clock.elapsed();
  const bus = redisTracking({ client: server.client() }).open(context);
  await clock.advance(0);
  return bus;
}

const isPing = (command: string): boolean => command === 'PING';

describe('a connection that tracks', () => {
  test('is told of every key of the namespace, and is heard after two answers, since before the first question', async () => {
    const answers: (() => void)[] = [];
    server.answer = async (command) =>
      isPing(command) ? new Promise<void>((resolve) => answers.push(resolve)) : undefined;
    await open();
    expect(server.sent).toEqual(['CLIENT TRACKING OFF', 'CLIENT TRACKING ON BCAST PREFIX shop:{', 'PING']);
    await clock.advance(10);
    answers.shift()!();
    await clock.advance(0);
    expect(told).toEqual(['listening']);
    answers.shift()!();
    await clock.advance(0);
    expect(told).toEqual(['listening', 'heard 0']);
  });

  test('is asked four times within the time that a change may go unheard of', async () => {
    await open();
    told = [];
    await clock.advance(1_000);
    expect(told).toEqual(['heard 250', 'heard 500', 'heard 750', 'heard 1000']);
  });

  test('tells what a changed key belongs to, and nothing of leases and of keys that are not ours', async () => {
    await open();
    told = [];
    const [client] = server.clients;
    for (const key of ['shop:{user:7}:v', 'shop:{user:7}:l', 'shop:{tags}:instants', 'shop:else']) {
      client!.emit('invalidate', Buffer.from(key));
    }
    client!.emit('invalidate', null);
    expect(told).toEqual(['touched user:7', 'tags', 'missed gap']);
  });

  test('that fails is told of as lost, and is made anew; what the old one still says does not count', async () => {
    await open();
    told = [];
    const [old] = server.clients;
    old!.emit('error', new Error('reset'));
    await clock.advance(0);
    expect(told).toEqual(['error reset', 'lost', 'listening', 'heard 0']);
    expect(old!.destroyed).toBe(true);
    old!.emit('invalidate', Buffer.from('shop:{user:7}:v'));
    expect(told).not.toContain('touched user:7');
  });

  test('that was given up is not heard any more, whatever it answers', async () => {
    const answers: (() => void)[] = [];
    server.answer = async (command) =>
      isPing(command) ? new Promise<void>((resolve) => answers.push(resolve)) : undefined;
    const bus = await open();
    bus.reset();
    answers.shift()!();
    await clock.advance(0);
    answers.splice(0).forEach((answer) => answer());
    await clock.advance(0);
    expect(told).toEqual(['listening', 'lost', 'listening']);
  });

  test('that the server refuses is reported, and tried again when patience is over', async () => {
    server.answer = async () => Promise.reject(new Error('NOPERM this user has no permissions'));
    await open();
    expect(told).toEqual(['error NOPERM this user has no permissions']);
    server.answer = async () => 'OK';
    await clock.advance(5_000);
    expect(told.slice(1)).toEqual(['listening', 'heard 5000']);
  });

  test('is ended by close, with its timers', async () => {
    const bus = await open();
    await bus.close();
    expect(server.clients.every(({ destroyed }) => destroyed)).toBe(true);
    expect(clock.timers).toBe(0);
  });
});
