import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach } from '@jest/globals';
import { type Cache, type CacheOptions, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import express, { type Express } from 'express';
import express4 from 'express4';
import { front } from '../../src/index.ts';
import { fronted } from './opted-in.ts';

/** An Express whose apps a stage puts a front before. */
export const inFront = Object.assign(() => express(), express);

/** For what is told by middleware that stands before the cache. */
export const frameworks: [string, typeof express][] = [
  ['Express 5', express],
  ['Express 4', express4],
];

/** Each test runs on both, and once more with hits answered before Express. */
export const versions: [string, typeof express][] = [...frameworks, ['Express 5 behind front', inFront]];

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly message: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** An app with a cache whose time stands still, listening where clients can reach it. */
export class Stage {
  readonly clock = new ManualClock();
  readonly cache: Cache;
  readonly app: Express;
  /** How many times handlers have run, as far as they count it. */
  runs = 0;
  #server: Server | undefined;

  constructor(framework: typeof express = express, options: CacheOptions = {}) {
    this.cache = createCache({ namespace: 'shop', clock: this.clock, ...options });
    this.app = framework();
    if (framework === inFront) fronted.add(this.cache);
  }

  get server(): Server {
    if (this.#server === undefined) {
      const listener = fronted.has(this.cache) ? front(this.app, { cache: this.cache }) : this.app;
      servers.push((this.#server = createServer(listener).listen(0)));
    }
    return this.#server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** One request on a connection of its own. */
  fetch(path: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<Got> {
    return new Promise((resolve, reject) => {
      const request = get({ port: this.port, path, headers, method, agent: false }, (response) => {
        const { statusCode, statusMessage, rawHeaders } = response;
        buffer(response).then(
          (body) =>
            resolve({ status: statusCode!, message: statusMessage!, headers: response.headers, rawHeaders, body }),
          reject,
        );
      });
      request.on('error', reject);
    });
  }

  /** The Cache-Status of the answer to one request. */
  async status(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<string> {
    return String((await this.fetch(path, headers, method)).headers['cache-status']);
  }

  /** Sends bytes as they are; the answer comes as it is, until the server closes the connection. */
  raw(request: string): Promise<string> {
    const socket = connect(this.port);
    socket.write(request);
    return text(socket);
  }
}

/** Lets everything happen that can happen now. */
export async function settled(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Lets things happen until `condition` holds; a test that waits in vain is ended by Jest. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled(1);
}
