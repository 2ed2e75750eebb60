import type { Product } from '../queries.ts';
import type { Stage } from './stage.ts';
import { time } from './terminal.ts';

/** A change that the very next read shows, although the product is cached for ten minutes. */
export async function update({ terminal, service }: Stage): Promise<void> {
  terminal.heading('2  An update, and the very next read');
  const path = '/products/42';
  const nameOf = (text: string) => (JSON.parse(text) as Product).name;
  const before = await service.get(path);
  const put = await service.put(path, { name: 'Teapot', cents: 1_999 });
  const after = await service.get(path);
  terminal.table('lrl', [
    ['', 'latency', 'name'],
    [`GET ${path}`, time(before.ms), nameOf(before.text)],
    [`PUT ${path}`, time(put.ms), 'Teapot'],
    [`GET ${path}`, time(after.ms), nameOf(after.text)],
  ]);
  terminal.say();
  terminal.check(nameOf(after.text) === 'Teapot', 'The next read shows the update.');
}
