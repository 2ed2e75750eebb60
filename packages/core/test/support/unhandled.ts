/** What was rejected without anybody handling it while `work` ran. */
export async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => void reasons.push(reason);
  process.on('unhandledRejection', note);
  try {
    await work();
  } finally {
    // Node tells of them once all microtasks have run: of what work that failed has left behind, too, in place of its own error.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    process.off('unhandledRejection', note);
  }
  return reasons;
}
