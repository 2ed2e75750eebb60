import type { NextFunction, Request, Response } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Middleware as Express takes it anywhere. It says nothing of `req.params`, so that the handlers after it still have
 * those of their own route's path.
 */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** The parameters of a path, as Express gives them to a handler; name your own where one is a list. */
export type PathParams = Record<string, string>;

/** Gives middleware the request and the response that Express in fact calls it with. */
export function expressMiddleware<P>(run: (req: Request<P>, res: Response, next: NextFunction) => void): Middleware {
  return (req, res, next) => run(req as Request<P>, res as Response, next);
}
