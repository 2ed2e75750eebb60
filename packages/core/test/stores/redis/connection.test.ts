import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import type { ClientKind, OwnClient, Owner } from '../../../src/stores/redis/clients/own-client.ts';
import { RedisConnection } from '../../../src/stores/redis/connection.ts';
import { type Deferred, deferred } from '../../support/deferred.ts';
import { rejectionOf } from '../../support/failure.ts';

/** A client that connects and answers when the test says so. */
class FakeClient implements OwnClient {
  readonly connecting = deferred();
  readonly replies: Deferred<unknown>[] = [];
  destroyed = 0;

  connect(): Promise<void> {
    return this.connecting.promise;
  }

  send(): Promise<unknown> {
    const reply = deferred<unknown>();
    this.replies.push(reply);
    return reply.promise;
  }

  async subscribe(): Promise<void> {
    throw new Error('a store subscribes to nothing');
  }

  destroy(): void {
    this.destroyed += 1;
    throw new Error('it is closed already');
  }
}

function connect(make?: () => Promise<OwnClient>) {
  const clients: FakeClient[] = [];
  const owners: Owner[] = [];
  const reported: unknown[] = [];
  const clock = new ManualClock();
  const kind: ClientKind = {
    sharded: false,
    make(owner) {
      owners.push(owner);
      if (make !== undefined) return make();
      clients.push(new FakeClient());
      return clients.at(-1)!;
    },
  };
  const connection = new RedisConnection({ kind, clock, deadline: 150, report: (error) => reported.push(error) });
  const ask = (): Promise<unknown> => connection.command('k', ['GET', 'k']);
  return { connection, ask, clients, owners, reported, clock };
}

test('commands wait for the first connection, and then are sent at once', async () => {
  const { ask, clients } = connect();
  const early = ask();
  await turn();
  expect(clients[0]!.replies).toHaveLength(0);
  clients[0]!.connecting.resolve();
  await turn();
  const late = ask();
  expect(clients[0]!.replies).toHaveLength(2);
  for (const [index, reply] of clients[0]!.replies.entries()) reply.resolve(index);
  expect(await Promise.all([early, late])).toEqual([0, 1]);
});

test('a client that cannot connect is told of, and followed by another a little later', async () => {
  const { ask, clients, reported, clock } = connect();
  const early = ask();
  await turn();
  const refused = new Error('refused');
  clients[0]!.connecting.reject(refused);
  await turn();
  expect(reported).toEqual([refused]);
  expect(clients[0]!.destroyed).toBe(1);
  const unavailable = { code: 'STORE_UNAVAILABLE', message: 'redis is not connected: refused', cause: refused };
  expect(await rejectionOf(early)).toMatchObject(unavailable);
  await clock.advance(250);
  // While the next attempt is under way nobody waits for what may never come.
  expect(await rejectionOf(ask())).toMatchObject(unavailable);
  clients[1]!.connecting.resolve();
  await turn();
  const late = ask();
  clients[1]!.replies[0]!.resolve('answer');
  expect(await late).toBe('answer');
});

test('a reset rejects what waits, ends a client that hangs while it connects, and makes a new one', async () => {
  const { connection, ask, clients, owners, reported } = connect();
  const early = ask();
  await turn();
  connection.reset();
  await expect(early).rejects.toThrow(/given up for a new one/);
  await turn();
  expect(clients.map(({ destroyed }) => destroyed)).toEqual([1, 0]);
  // What comes of the old one does not matter any more, nor may it connect after all.
  owners[0]!.failed(new Error('reset by peer'));
  owners[0]!.tired();
  clients[0]!.connecting.resolve();
  await turn();
  expect(reported).toEqual([]);
  expect(clients).toHaveLength(2);
  clients[1]!.connecting.resolve();
  await turn();
  void ask().catch(() => undefined);
  expect(clients[1]!.replies).toHaveLength(1);
});

test('a client that leaves a command without an answer is given up, and so is one that is tired', async () => {
  const { ask, clients, owners, clock } = connect();
  clients[0]!.connecting.resolve();
  await turn();
  void ask().catch(() => undefined);
  await clock.advance(1_000);
  expect(clients).toHaveLength(1);
  await clock.advance(1_000);
  expect(clients).toHaveLength(2);
  owners[1]!.tired();
  expect(clients).toHaveLength(3);
  expect(clients.slice(0, 2).every(({ destroyed }) => destroyed > 0)).toBe(true);
});

test('no more than 20 000 commands wait', async () => {
  const { connection, ask, clients } = connect();
  clients[0]!.connecting.resolve();
  await turn();
  for (let i = 0; i < 20_000; i += 1) void ask().catch(() => undefined);
  await expect(ask()).rejects.toThrow(/20000 commands wait for Redis already/);
  clients[0]!.replies[0]!.resolve('answer');
  await turn();
  void ask().catch(() => undefined);
  expect(clients[0]!.replies).toHaveLength(20_001);
  connection.close();
});

test('an answer that is an error is told from a failure, unless it says "not now"', async () => {
  const { ask, clients } = connect();
  clients[0]!.connecting.resolve();
  await turn();
  const answers = ['OOM command not allowed', 'TRYAGAIN Multiple keys', 'CLUSTERDOWN Hash slot not served', 'closed'];
  const outcomes = answers.map((message, index) => {
    const outcome = ask().catch((error: unknown) => (error as { code?: string }).code ?? 'failed');
    clients[0]!.replies[index]!.reject(new Error(message));
    return outcome;
  });
  expect(await Promise.all(outcomes)).toEqual(['STORE_REFUSED', 'STORE_REFUSED', 'failed', 'failed']);
});

test('a package that is missing is told of and not looked for again', async () => {
  let made = 0;
  const { ask, reported, clock } = connect(() => {
    made += 1;
    return Promise.reject(new Error('no such package'));
  });
  await expect(ask()).rejects.toThrow('no such package');
  await clock.advance(10_000);
  expect([made, reported.length]).toEqual([1, 1]);
});

test('closing is for good, and ends a client that is made only afterwards', async () => {
  const making = deferred<OwnClient>();
  const { connection, ask } = connect(() => making.promise);
  connection.close();
  connection.reset();
  expect((await rejectionOf(ask())).code).toBe('CLOSED');
  const client = new FakeClient();
  making.resolve(client);
  await turn();
  expect(client.destroyed).toBe(1);
});
