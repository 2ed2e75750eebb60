/** Path and query of a reference, where its base is a path at an origin; `undefined` if it is of another origin, or none at all. */
export function sameOriginPath(reference: string | undefined, origin: string, path: string): string | undefined {
  if (reference === undefined) return undefined;
  try {
    // Not as a reference: a path may begin with two slashes.
    const base = new URL(origin + path);
    const url = new URL(reference, base);
    return url.origin === base.origin ? url.pathname + url.search : undefined;
  } catch {
    return undefined;
  }
}
