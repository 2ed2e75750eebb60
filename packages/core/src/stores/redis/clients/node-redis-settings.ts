import { setMaxListeners } from 'node:events';
import { connectTimeout, type Owner, retryDelay } from './own-client.ts';

/** For every client of node-redis: what cannot be sent now is to fail now, and all else is to be sent, to the master. */
export const settings = {
  disableOfflineQueue: true,
  commandsQueueMaxLength: undefined,
  readonly: false,
  maintNotifications: 'disabled',
} as const;

/** For every client of one server that does not track: what the user's tracks is none of ours. */
export const untracked = { clientSideCache: undefined, emitInvalidate: undefined } as const;

/** For a client that does: only under RESP3 is it told on its own connection. */
export const tracking = { RESP: 3, clientSideCache: undefined, emitInvalidate: true } as const;

const bulkString = 36;

/** For every command. The time-out that node-redis has by default covers only what is unsent, and costs a timer each. */
export const replies = { typeMapping: { [bulkString]: Buffer }, timeout: undefined, abortSignal: undefined };

const attemptsToTire = 200;

/** For every socket: the default strategy gives up for good. */
export function socketOf(owner: Owner): object {
  return {
    connectTimeout,
    reconnectStrategy: (attempt: number): number => {
      if (attempt === attemptsToTire) owner.tired();
      return retryDelay(attempt);
    },
  };
}

/**
 * A signal that ends all sockets that were given it, also those that are just being made, of which `destroy` does not
 * know yet. Clusters and sentinels make clients for a moment, to ask who is master, and it never knows of those: one that
 * asks a frozen server would keep the process alive.
 */
export function killSwitch(): AbortController {
  const controller = new AbortController();
  // Every socket listens, also those that are long closed: that many until the client is tired.
  setMaxListeners(0, controller.signal);
  return controller;
}

/**
 * The options that a client of node-redis was made with. It keeps them to itself, but gives them to the constructor of
 * a duplicate, which it looks up in its prototype: there it finds one that does no more than take note. `undefined`
 * with a release that goes about it differently.
 */
export function givenOptions<T extends object>(client: { duplicate(): unknown }): T | undefined {
  let given: T | undefined;
  class Note {
    constructor(options: T) {
      given = options;
    }
  }
  const noting = Object.create(client, { constructor: { value: Note } }) as object;
  try {
    (Object.create(noting) as typeof client).duplicate();
  } catch {
    return undefined;
  }
  return given;
}
