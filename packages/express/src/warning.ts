/** Tells what was wrong, and the error behind it. */
export type Warn = (what: string, error: unknown) => void;

/** Says once what a route's own functions do wrong: responses are right then, but not cached, which is hard to see. */
export function warnOnce(): Warn {
  let warned = false;
  return (what, error) => {
    if (!warned) process.emitWarning(`${what}: ${String(error)}`, 'CacheWarning');
    warned = true;
  };
}
