/**
 * An error that Redis replied with, unlike one of the connection; such replies begin with a code in capitals. Those
 * that say "not now, whatever you ask" count as an outage.
 */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^(?!LOADING|BUSY|MASTERDOWN|CLUSTERDOWN)[A-Z]{2,} /.test(error.message);
}
