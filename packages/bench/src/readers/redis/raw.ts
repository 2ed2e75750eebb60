import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { hour, type Load } from '../reader.ts';
import { type OpenRemote, remote } from './remote.ts';

const expiration = { type: 'PX', value: hour } as const;

/** What a client of Redis does for the readers here, whichever it is. */
interface Client {
  readonly get: (key: string) => Promise<string | null>;
  readonly set: (key: string, text: string) => Promise<unknown>;
}

/** What somebody writes who needs nothing but this: a GET and `JSON.parse`, and a SET after a load. */
function getter(prefix: string, { get, set }: Client, load: Load): (key: string) => Promise<unknown> {
  return async (key) => {
    const text = await get(prefix + key);
    if (text !== null) return JSON.parse(text) as unknown;
    const value = await load(key);
    await set(prefix + key, JSON.stringify(value));
    return value;
  };
}

export const rawNodeRedis: OpenRemote = (site) => async (load) => {
  const client = await createClient({ url: site.url }).connect();
  site.atEnd(() => client.close());
  const get = getter(
    'node-redis:',
    { get: (key) => client.get(key), set: (key, text) => client.set(key, text, { expiration }) },
    load,
  );
  return remote('node-redis, GET', get);
};

export const rawIoredis: OpenRemote = (site) => (load) => {
  const client = new Redis(site.url);
  site.atEnd(() => client.disconnect());
  const get = getter(
    'ioredis:',
    { get: (key) => client.get(key), set: (key, text) => client.set(key, text, 'PX', hour) },
    load,
  );
  return remote('ioredis, GET', get);
};

/** The least that so many gets can cost: one command for all of them, written by hand. */
export const oneMget: OpenRemote = (site) => async (load) => {
  const client = await createClient({ url: site.url }).connect();
  site.atEnd(() => client.close());
  const get = getter(
    'mget:',
    { get: (key) => client.get(key), set: (key, text) => client.set(key, text, { expiration }) },
    load,
  );
  return remote('the limit: one MGET', get, async (keys) => {
    const texts = await client.mGet(keys.map((key) => `mget:${key}`));
    return texts.map((text, index) => (text === null ? load(keys[index]!) : (JSON.parse(text) as unknown)));
  });
};
