import type { ServerResponse } from 'node:http';
import { commitHead } from './interception.ts';

type Write = (...args: unknown[]) => boolean;
type End = (...args: unknown[]) => ServerResponse;

/**
 * Holds the end of a response until what `settle` gives has settled; nothing is held where it gives `undefined`. It is
 * called when the handler has ended the response, which nothing changes any more by then.
 *
 * A response that has told its status and is then cut off, by its client or by its handler, is not ended by anybody: then
 * it is called when that happens, and again if the handler ends it after all.
 *
 * The client must not be able to tell before that the response is complete. Where its length is announced, the last
 * byte would do: then each chunk is kept back until the next one comes.
 */
export function holdEnd(response: ServerResponse, settle: () => Promise<unknown> | undefined): void {
  const write = (response.write as Write).bind(response);
  const end = (response.end as End).bind(response);
  let kept: unknown[] | undefined;
  let state: 'open' | 'held' | 'released' = 'open';
  const release = (): boolean => {
    const args = kept;
    kept = undefined;
    return args === undefined || write(...args);
  };

  response.once('close', () => {
    if (state === 'open' && response.headersSent) void settle()?.catch(() => undefined);
  });

  response.write = ((...args) => {
    // The handler has ended the response already.
    if (state === 'held') return false;
    if (state === 'released' || !response.hasHeader('content-length')) return write(...args);
    const room = release();
    kept = args;
    return room;
  }) as Write as typeof response.write;

  response.end = ((...args) => {
    if (state !== 'open') return state === 'held' ? response : end(...args);
    const settled = settle();
    const finish = (): void => {
      state = 'released';
      release();
      end(...args);
    };
    if (settled === undefined) finish();
    else {
      state = 'held';
      // An error handler that comes too late is to find them sent.
      if (!response.headersSent) commitHead(response, args[0], args[1]);
      void settled.then(finish, finish);
    }
    return response;
  }) as End as typeof response.end;
}
