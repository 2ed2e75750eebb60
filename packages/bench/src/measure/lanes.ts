/** Runs from 0 up to `count`, so many at once: each lane begins its next run when its last one is done. */
export async function inLanes(count: number, lanes: number, run: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
