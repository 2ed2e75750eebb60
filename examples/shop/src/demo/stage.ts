import type { ServiceProcess } from './service-process.ts';
import type { Surroundings } from './surroundings.ts';
import type { Terminal } from './terminal.ts';

/** What every chapter is given. */
export interface Stage {
  readonly terminal: Terminal;
  readonly surroundings: Surroundings;
  readonly namespace: string;
  readonly service: ServiceProcess;
  /** The same service in a second process, if there is a Redis and a Postgres for the two to share. */
  readonly second: ServiceProcess | undefined;
}
