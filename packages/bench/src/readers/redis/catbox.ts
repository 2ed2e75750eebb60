import { hour, type Load } from '../reader.ts';
import { remote, type RemoteReaderKind } from './remote.ts';

interface Client {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Module {
  readonly Client: new (engine: unknown, options: { host: string; port: number; partition: string }) => Client;
  readonly Policy: new (
    options: { expiresIn: number; generateFunc: Load; generateTimeout: false },
    client: Client,
    segment: string,
  ) => { get(key: string): Promise<unknown> };
}

/** By a policy, which loads what is missing. */
export const catbox: RemoteReaderKind = {
  client: 'ioredis',
  peer: '@hapi/catbox-redis',
  over: (site) => async (load, peers) => {
    const { Client, Policy } = await peers.load<Module>('@hapi/catbox');
    const { Engine } = await peers.load<{ Engine: unknown }>('@hapi/catbox-redis');
    const { hostname, port } = new URL(site.url);
    const client = new Client(Engine, { host: hostname, port: Number(port), partition: 'catbox' });
    site.atEnd(() => client.stop());
    await client.start();
    const policy = new Policy({ expiresIn: hour, generateFunc: load, generateTimeout: false }, client, 'value');
    return remote('catbox', (key) => policy.get(key));
  },
};
