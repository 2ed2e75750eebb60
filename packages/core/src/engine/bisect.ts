/** What came of writing one record. */
export type Verdict =
  | { readonly result: 'ok' }
  /** `blamed` if it may be the record's own fault, and not the source's. */
  | { readonly result: 'retry'; readonly error: unknown; readonly blamed: boolean }
  | { readonly result: 'reject'; readonly error: unknown }
  /** The source has a newer version, of which the number may be known. */
  | { readonly result: 'conflict'; readonly version: number | undefined };

export interface BisectOptions<R> {
  /** Writes records, and may tell what came of each: see `verdictsOf`. */
  readonly write: (records: readonly R[]) => Promise<unknown>;
  readonly isTransient: (error: unknown) => boolean;
  /** Whether there is no point in beginning another call. */
  readonly isOver: () => boolean;
}

/**
 * The verdicts on a batch, in its order. A writer that throws for a batch is asked for its halves, so that one bad record
 * costs log n calls and holds up no other; unless what it threw tells of the source alone.
 */
export async function bisect<R>(records: readonly R[], options: BisectOptions<R>): Promise<Verdict[]> {
  const { write, isTransient, isOver } = options;
  if (isOver()) return records.map(() => notTried);
  try {
    return verdictsOf(await write(records), records.length);
  } catch (error) {
    if (isTransient(error)) return records.map(() => ({ result: 'retry', error, blamed: false }));
    if (records.length === 1) return [{ result: 'retry', error, blamed: true }];
    const middle = Math.ceil(records.length / 2);
    const first = await bisect(records.slice(0, middle), options);
    return [...first, ...(await bisect(records.slice(middle), options))];
  }
}

const notTried: Verdict = { result: 'retry', error: new Error('the lease ran out before'), blamed: false };
const words = ['ok', 'retry', 'reject', 'conflict'];

/** What a writer told. Results are an array with one of four words, or `{ result, error?, version? }`, per record; all else says "all written". */
export function verdictsOf(results: unknown, count: number): Verdict[] {
  const given = Array.isArray(results) && results.length === count ? results.map(resultOf) : [];
  if (given.length === 0 || given.includes(undefined)) return Array.from({ length: count }, () => ({ result: 'ok' }));
  return given as Verdict[];
}

function resultOf(item: unknown): Verdict | undefined {
  const { result, error, version } = (typeof item === 'object' && item !== null ? item : { result: item }) as {
    result?: unknown;
    error?: unknown;
    version?: unknown;
  };
  if (!words.includes(result as string)) return undefined;
  // Made only where it is needed: it takes as long as all the rest of a record.
  const why = (): unknown => error ?? new Error(`the writer says '${String(result)}'`);
  switch (result) {
    case 'retry':
      return { result, error: why(), blamed: true };
    case 'reject':
      return { result, error: why() };
    case 'conflict':
      return { result, version: typeof version === 'number' ? version : undefined };
    default:
      return { result: 'ok' };
  }
}
