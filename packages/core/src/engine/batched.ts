import { BatchedLoad } from './batched-load.ts';
import type { Source } from './source.ts';

/**
 * A source whose single loads of one turn of the event loop are made by one `loadMany`, of at most `max` keys, as
 * DataLoader does it: callers that go on in the same turn, promises included, come along.
 */
export function batched<K>(source: Source<K>, max: number): Source<K> {
  let gathering: BatchedLoad<K> | undefined;
  return {
    loadMany: source.loadMany,
    load: (_key, context) => {
      if (gathering === undefined) {
        const batch = (gathering = new BatchedLoad(source));
        // After the promises of this turn, and after the ticks that they ask for.
        void Promise.resolve().then(() =>
          process.nextTick(() => {
            if (gathering === batch) gathering = undefined;
            void batch.run();
          }),
        );
      }
      const batch = gathering;
      const value = batch.add(context);
      if (batch.size === max) gathering = undefined;
      return value;
    },
  };
}
