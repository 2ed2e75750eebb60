/** How measured values are spread. The quantiles are exact to within a tenth of themselves; what is below 1 counts as a half. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Buckets grow by a fifth each, from 1 on: the middle of a bucket is off by a tenth at most. */
const growth = Math.log(1.2);
const buckets = 128;

/** Counts values from 0 up in buckets of growing width: constant memory, and one addition per value. */
export class Histogram {
  readonly #counts = new Uint32Array(buckets);
  #count = 0;
  #sum = 0;
  #max = 0;

  record(value: number): void {
    const bucket = value < 1 ? 0 : 1 + Math.floor(Math.log(value) / growth);
    this.#counts[Math.min(bucket, buckets - 1)]! += 1;
    this.#count += 1;
    this.#sum += value;
    this.#max = Math.max(this.#max, value);
  }

  distribution(): Distribution {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    const [p50, p90, p99] = [this.#quantile(0.5), this.#quantile(0.9), this.#quantile(0.99)];
    return { count: this.#count, mean, p50, p90, p99, max: this.#max };
  }

  #quantile(fraction: number): number {
    let left = this.#count * fraction;
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return Math.min(this.#max, middleOf(bucket));
    }
    return 0;
  }
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0.5 : Math.exp((bucket - 0.5) * growth);
}
