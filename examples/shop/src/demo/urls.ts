import type { Terminal } from './terminal.ts';

/** What to try on a service that listens. */
export function printUrls({ say, heading }: Terminal, url: string): void {
  const json = "-H 'content-type: application/json'";
  heading(`The shop listens at ${url}`);
  say(`curl ${url}/products/42`);
  say(`curl -X PUT ${url}/products/42 ${json} -d '{"name":"Teapot","cents":1999}'`);
  say(`curl ${url}/carts/7`);
  say(`curl -X PUT ${url}/carts/7 ${json} -d '{"items":[{"productId":42,"quantity":2}]}'`);
  say(`curl -X POST ${url}/views/home`);
  say(`curl ${url}/views/home`);
  say(`curl ${url}/reports/revenue?days=30`);
  say(`curl -X POST ${url}/orders ${json} -d '{"productId":42,"quantity":1}'`);
  say(`curl ${url}/stats`);
  say();
  say('Ctrl-C ends it.');
}
