import type { Row } from './source.ts';

/** A load of the model. */
export class Load {
  /** What it brings may be kept: nothing has overtaken it. */
  attached = true;
  /** It has lost the right to fill the shared tier: who joined it has to look again. */
  overtaken = false;
  overdue = false;
  /** The tags that were invalidated since it began. */
  readonly invalidated = new Set<string>();
  answer!: Promise<Row>;

  constructor(
    readonly key: string,
    readonly begunAt: number,
  ) {}
}

export function detach(load: Load | undefined): void {
  if (load !== undefined) load.attached = false;
}
