/** What a route says of storing its responses. Times are milliseconds, sizes bytes. */
export interface StorageRules {
  /** All that RFC 9111 allows, without the safe defaults. */
  readonly strict: boolean;
  /** Freshness of responses that say nothing about it. */
  readonly ttl: number | undefined;
  /** Whether Last-Modified is taken as a sign of how long such a response stays as it is. */
  readonly heuristics: boolean;
  /** For responses that say nothing of their use when stale. */
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** The largest body that is kept. */
  readonly maxEntrySize: number;
}
