const words = 'a warm jar of plain dark honey from the hills, kept for those who ask twice and never put it back ';

/** About 1 KB of JSON: what a row with a few relations comes to. */
export function plainValue(id: number) {
  return {
    id,
    name: `product ${id}`,
    price: { amount: 1_990 + id, currency: 'EUR' },
    available: id % 7 !== 0,
    tags: ['food', 'sweet', 'jar', `shelf-${id % 50}`],
    reviews: Array.from({ length: 4 }, (_, index) => ({ by: `user ${id + index}`, stars: 1 + (index % 5) })),
    description: words.repeat(7),
  };
}

/** The same with a Date and a Map, which JSON cannot say. */
export function richValue(id: number) {
  return {
    ...plainValue(id),
    addedAt: new Date(1_700_000_000_000 + id),
    stock: new Map([
      ['north', id],
      ['south', 7],
    ]),
  };
}

/** Whether a value still is what `richValue` made. */
export function isRich(value: unknown): boolean {
  const { addedAt, stock } = (value ?? {}) as Partial<ReturnType<typeof richValue>>;
  return addedAt instanceof Date && stock instanceof Map && stock.get('south') === 7;
}
