/**
 * Draws ranks from 0 up to `count`, where rank `r` is as likely as `1 / (r + 1) ** skew`: what popularity looks like.
 * With 0.99 and 10 000 ranks, the first is drawn about every tenth time.
 */
export function zipf(count: number, skew: number, random: () => number): () => number {
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) upTo[rank] = sum += (rank + 1) ** -skew;
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
