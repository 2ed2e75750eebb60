import { hour, type Load, type PeerReader, room } from './reader.ts';

interface Module {
  readonly Loader: new (options: {
    inMemoryCache: { ttlInMsecs: number; maxItems: number };
    dataSourceGetOneFn: Load;
  }) => { get(key: string): Promise<unknown> };
}

export const layeredLoader: PeerReader = {
  peer: 'layered-loader',
  async open(load, peers) {
    const { Loader } = await peers.load<Module>('layered-loader', '/core');
    const loader = new Loader({ inMemoryCache: { ttlInMsecs: hour, maxItems: room }, dataSourceGetOneFn: load });
    return {
      name: 'layered-loader',
      get: (key) => loader.get(key),
      async read(keys) {
        for (const key of keys) await loader.get(key);
      },
    };
  },
};
