/** The peers we measure ourselves against, in the versions that the figures are of. */
export const pinned = {
  '@hapi/catbox': '12.1.1',
  '@hapi/catbox-redis': '7.1.0',
  '@keyv/redis': '5.1.6',
  '@neophi/sieve-cache': '1.5.0',
  apicache: '1.6.3',
  bentocache: '1.6.1',
  'cache-manager': '7.2.9',
  cacheable: '2.5.0',
  ioredis: '5.11.1',
  keyv: '6.1.0',
  'layered-loader': '16.1.0',
  'lru-cache': '11.5.3',
  'route-cache': '0.7.1',
} as const;

export type PeerName = keyof typeof pinned;

/** What a peer takes from beside it, where npm would otherwise put the newest of that day that fits. */
const alongside: { readonly [name in PeerName]?: readonly string[] } = {
  '@keyv/redis': ['keyv@5.6.0'],
};

/** What npm is to install for these peers, sorted, and each once. */
export function specifiersOf(names: readonly PeerName[]): string[] {
  const specifiers = names.flatMap((name) => [`${name}@${pinned[name]}`, ...(alongside[name] ?? [])]);
  return [...new Set(specifiers)].sort();
}
