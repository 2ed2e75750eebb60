/** The peers we measure ourselves against, in the versions that the figures are of. */
export const pinned = {
  '@neophi/sieve-cache': '1.5.0',
  apicache: '1.6.3',
  autocannon: '8.0.0',
  bentocache: '1.6.1',
  'cache-manager': '7.2.9',
  cacheable: '2.5.0',
  keyv: '6.1.0',
  'layered-loader': '16.1.0',
  'lru-cache': '11.5.3',
  'route-cache': '0.7.1',
} as const;

export type PeerName = keyof typeof pinned;
