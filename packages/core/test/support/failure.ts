import { CacheError } from '../../src/model/errors.ts';

/** The CacheError that `work` throws; a test fails if it throws nothing, or something else. */
export function thrownBy(work: () => unknown): CacheError {
  try {
    work();
  } catch (error) {
    return asCacheError(error);
  }
  throw new Error('nothing was thrown');
}

/** The CacheError that `promise` rejects with; a test fails if it resolves, or rejects with something else. */
export async function rejectionOf(promise: Promise<unknown>): Promise<CacheError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return asCacheError(outcome.error);
  throw new Error('nothing was rejected');
}

function asCacheError(error: unknown): CacheError {
  if (error instanceof CacheError) return error;
  throw error;
}
