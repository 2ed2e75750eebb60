import { performance } from 'node:perf_hooks';
import type { Stats } from '../service.ts';

/** An answer of the service, with the time it took as its client sees it. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly ms: number;
}

export type Client = ReturnType<typeof clientOf>;

/** Talks to a service over HTTP. */
export function clientOf(url: string) {
  async function send(method: string, path: string, body?: object): Promise<Answer> {
    const start = performance.now();
    const response = await fetch(
      url + path,
      body === undefined
        ? { method }
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    );
    const text = await response.text();
    return { status: response.status, text, headers: response.headers, ms: performance.now() - start };
  }
  return {
    url,
    get: (path: string) => send('GET', path),
    put: (path: string, body: object) => send('PUT', path, body),
    post: (path: string, body?: object) => send('POST', path, body),
    stats: async () => JSON.parse((await send('GET', '/stats')).text) as Stats,
  };
}
