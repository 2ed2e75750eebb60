/** What one process did with one key: which version it wrote or read, and when it began and ended, on one clock for all. */
export interface Event {
  readonly kind: 'read' | 'write';
  readonly key: string;
  readonly version: number;
  readonly began: number;
  readonly ended: number;
}

/** What a history shows. */
export interface Verdict {
  readonly reads: number;
  readonly writes: number;
  /**
   * The most milliseconds that lay between the end of a write and the beginning of a read that was given what was before
   * it; 0 where no read was older than a write that had ended.
   */
  readonly staleness: number;
}

/** Judges a history of versions that only grow. */
export function judge(events: readonly Event[]): Verdict {
  const writes = events.filter(({ kind }) => kind === 'write');
  const byKey = new Map<string, Event[]>();
  for (const write of writes) byKey.set(write.key, [...(byKey.get(write.key) ?? []), write]);
  const reads = events.filter(({ kind }) => kind === 'read');
  let staleness = 0;
  for (const { key, version, began } of reads) {
    const newer = (byKey.get(key) ?? []).filter((write) => write.version > version && write.ended < began);
    for (const write of newer) staleness = Math.max(staleness, began - write.ended);
  }
  return { reads: reads.length, writes: writes.length, staleness };
}
