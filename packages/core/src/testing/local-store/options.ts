/** What only those who know the store can tell. */
export interface LocalStoreContractOptions {
  /** A value that is larger than all the room there is, where the store is bounded by size. */
  readonly tooLarge?: unknown;
}
