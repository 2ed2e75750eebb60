/**
 * What a store keeps of one name for those who set and delete outright, such as sessions: each record is the only copy
 * there is. Addresses are made of letters, digits, `_`, `-` and `=`, at most 128 of them. The bytes that are given and got
 * are the caller's: to change them changes nothing that is kept. Every method may reject, hang or answer late: deadlines
 * and breakers are put around it.
 */
export interface RecordSpace {
  /** The record; rejects where something foreign is in its place, which must not count as nothing. */
  get(address: string): Promise<Uint8Array | undefined>;
  /**
   * Sets the record, for `ttl` milliseconds; with `ifExists` only in the place of one, and false where there is none. What
   * hangs on its way until the store's deadline has passed is not to be set later: somebody may have deleted it by then.
   */
  set(address: string, record: Uint8Array, ttl: number, ifExists: boolean): Promise<boolean>;
  /** Gives the record another `ttl` milliseconds from now, in one atomic step; false where there is none. */
  touch(address: string, ttl: number): Promise<boolean>;
  /** Once it has resolved there is none. */
  delete(address: string): Promise<void>;
  /**
   * The addresses of all records, one page for each round trip. A record that is there from the first page to the last
   * is found, maybe more than once. Missing in a store that cannot enumerate.
   */
  scan?(): AsyncGenerator<readonly string[], void, undefined>;
}
