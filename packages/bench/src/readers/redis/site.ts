/** A Redis that was started for a benchmark, and all that is connected to it. */
export class Site {
  readonly url: string;
  readonly #server: Server;
  readonly #closers: (() => unknown)[] = [];

  constructor(server: Server) {
    this.url = server.url;
    this.#server = server;
  }

  /** To be told of each connection as it is made: one that is left open would keep the process alive. */
  atEnd(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Ends every connection, the latest first, and empties Redis for who comes next. */
  async clear(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    await this.#server.command('FLUSHALL');
  }

  /** Ends every connection, and Redis, whatever fails. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.splice(0).map(async (close) => close()));
    await this.#server.stop();
  }
}

interface Server {
  readonly url: string;
  command(...words: string[]): Promise<string>;
  stop(): Promise<void>;
}
