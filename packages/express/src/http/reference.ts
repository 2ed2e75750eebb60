/**
 * Path and query of a reference in all the ways in which requests may say them: resolved (RFC 3986 §5.2), and as it is
 * written, since requests are known by what they say undecoded. None where `sameOriginPath` has none.
 */
export function sameOriginPaths(reference: string | undefined, origin: string, path: string): readonly string[] {
  const resolved = sameOriginPath(reference, origin, path);
  if (resolved === undefined) return [];
  const [, written] = /^(?:https?:\/\/[^/?#]*(?=\/))?(\/(?!\/)[^#]*)/i.exec(reference!) ?? [];
  return written === undefined || written === resolved ? [resolved] : [resolved, written];
}

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
