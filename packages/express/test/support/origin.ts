import type express from 'express';
import type { Request, Response } from 'express';
import type { CacheResponseOptions } from '../../src/index.ts';
import { cacheResponse } from './opted-in.ts';
import { Stage } from './stage.ts';

/** What a handler answers one request with: a status, fields, a body; anything else it does itself. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly act?: (req: Request, res: Response) => unknown;
}

/** An app with the cache in front of all of it, whose handler gives what a test scripted, the last reply over and over. */
export class Origin extends Stage {
  /** The requests as the handler saw them. */
  readonly seen: { readonly method: string; readonly url: string; readonly headers: Request['headers'] }[] = [];
  readonly #replies: Reply[];

  constructor(framework: typeof express, replies: Reply[], options: Partial<CacheResponseOptions> = {}) {
    super(framework);
    this.#replies = [...replies];
    this.app.disable('etag').disable('x-powered-by');
    this.app.use(cacheResponse({ cache: this.cache, ...options }), (req, res) => {
      this.runs += 1;
      this.seen.push({ method: req.method, url: req.originalUrl, headers: { ...req.headers } });
      const reply = this.#replies.length > 1 ? this.#replies.shift()! : this.#replies[0]!;
      this.#give(reply, req, res);
    });
  }

  /** What comes next. */
  answering(...replies: Reply[]): this {
    this.#replies.splice(0, Infinity, ...replies);
    return this;
  }

  /** The body of the answer to one request. */
  async body(path = '/', headers: Record<string, string> = {}): Promise<string> {
    return String((await this.fetch(path, headers)).body);
  }

  /** Whether a second request for the same is answered from the cache. */
  async reuses(path = '/', first: Record<string, string> = {}, second = first): Promise<boolean> {
    await this.fetch(path, first);
    const { runs } = this;
    await this.fetch(path, second);
    return this.runs === runs;
  }

  #give({ status = 200, headers = {}, body, act }: Reply, req: Request, res: Response): void {
    if (act !== undefined) return void act(req, res);
    res.statusCode = status;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    if (status === 304 || status === 204) res.end();
    else res.end(body ?? `run ${this.runs}`);
  }
}
