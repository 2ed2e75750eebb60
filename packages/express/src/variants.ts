/** How many URLs with variants are remembered. */
const mostUrls = 1_000;

/**
 * Which variants of a URL were used, as far as this process has seen. A request chooses its variant by fields that it
 * can fill with anything: without a bound per URL, one client could push everything else out.
 */
export class Variants {
  readonly #used = new Map<string, Set<string>>();

  /** Notes the use of a variant. The answer is the one that was used least recently, once there are more than `most`. */
  use(url: string, variant: string, most: number): string | undefined {
    const used = this.#used.get(url) ?? new Set();
    refresh(this.#used, url, used);
    used.delete(variant);
    used.add(variant);
    return used.size > most ? takeFirst(used) : undefined;
  }
}

function refresh(urls: Map<string, Set<string>>, url: string, used: Set<string>): void {
  urls.delete(url);
  urls.set(url, used);
  if (urls.size > mostUrls) takeFirst(urls);
}

function takeFirst(from: Set<string> | Map<string, unknown>): string {
  const first = from.keys().next().value!;
  from.delete(first);
  return first;
}
