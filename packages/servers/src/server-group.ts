import type { Server } from './server.ts';

/** Waits for all of them; when one has failed, stops the others and rejects with its reason. */
export async function allOrNone<S extends Server>(starts: readonly Promise<S>[]): Promise<S[]> {
  const outcomes = await Promise.allSettled(starts);
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return started;
  await stopAll(started);
  throw failure.reason;
}

/** Does the rest of a group's start; stops its servers when that fails. */
export async function orStopAll<T>(servers: readonly Server[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await stopAll(servers);
    throw cause;
  }
}

/** Stops them all at once. */
export async function stopAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(async (server) => await server.stop()));
}
