import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Client, clientOf } from './client.ts';

/** The service in a process of its own. */
export interface ServiceProcess extends Client {
  /** Has it close in good order; rejects when it does not. */
  close(): Promise<void>;
}

export interface Settings {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly namespace: string;
}

const main = fileURLToPath(new URL('../main.js', import.meta.url));

/** Starts the service at a free port. It ends with this process at the latest. */
export async function startServiceProcess({ databaseUrl, redisUrl, namespace }: Settings): Promise<ServiceProcess> {
  const { DATABASE_URL: _database, REDIS_URL: _redis, PORT: _port, ...rest } = process.env;
  const child = fork(main, {
    env: {
      ...rest,
      NAMESPACE: namespace,
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      ...(redisUrl && { REDIS_URL: redisUrl }),
    },
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const url = await Promise.race([
    once(child, 'message').then(([message]) => message as string),
    exit.then(() => Promise.reject(new Error('the service ended instead of starting'))),
  ]);
  const client = clientOf(url);
  // What Node compiles and connects at first use is not what is to be measured.
  for (let n = 0; n < 20; n += 1) await client.get('/products/1');
  return {
    ...client,
    async close() {
      if (child.connected) child.disconnect();
      const [status] = await exit;
      if (status !== 0) throw new Error(`the service ended with status ${status}`);
    },
  };
}
