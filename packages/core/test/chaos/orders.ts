/** What a process of the run is told, as JSON in its environment. */
export interface Orders {
  readonly role: 'writer' | 'flusher' | 'both';
  readonly name: string;
  readonly redis: string;
  readonly postgres: string;
  readonly history: string;
  /** The folder of a file ledger; without it the ledger is in Redis. */
  readonly folder?: string;
  /** Writes that are under way at once. */
  readonly atOnce: number;
  /** Keys of its own begin with it, so that what it reads can be compared with what it wrote. */
  readonly life: number;
}
