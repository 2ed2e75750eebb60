import { type Duration, parseDuration } from '../model/duration.ts';
import { checkTags } from './policy.ts';
import type { LoadContext } from './source.ts';
import { userTag } from './tag-clocks.ts';

/** What a loader said of the value that it brings. */
export class LoadNotes<K> implements LoadContext<K> {
  readonly key: K;
  ttl: number | undefined;
  tags: readonly string[] = [];
  skipped = false;

  constructor(key: K) {
    this.key = key;
  }

  // Fields and not methods, since loaders take them out: `load: (id, { setTtl }) => …`.
  readonly setTtl = (ttl: Duration): void => {
    this.ttl = parseDuration(ttl, 'load: setTtl');
  };

  readonly setTags = (...tags: string[]): void => {
    this.tags = checkTags(tags, 'load: setTags').map(userTag);
  };

  readonly skip = (): void => {
    this.skipped = true;
  };
}
