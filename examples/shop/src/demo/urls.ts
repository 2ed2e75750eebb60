import type { Terminal } from './terminal.ts';

/** What to try on a service that listens. */
export function printUrls(terminal: Terminal, url: string): void {
  terminal.heading(`The shop listens at ${url}`);
  terminal.say(`curl ${url}/products/42`);
  terminal.say(`curl -X PUT ${url}/products/42 --json '{"name":"Teapot","cents":1999}'`);
  terminal.say(`curl ${url}/carts/7`);
  terminal.say(`curl -X PUT ${url}/carts/7 --json '{"items":[{"productId":42,"quantity":2}]}'`);
  terminal.say(`curl -X POST ${url}/views/home`);
  terminal.say(`curl ${url}/views/home`);
  terminal.say(`curl '${url}/reports/revenue?days=30'`);
  terminal.say(`curl -i ${url}/reports/bestsellers`);
  terminal.say(`curl -X POST ${url}/orders --json '{"productId":42,"quantity":1}'`);
  terminal.say(`curl ${url}/customers/7`);
  terminal.say(`curl -X PUT ${url}/customers/7 --json '{"name":"Mary Shelley","email":"mary@example.com"}'`);
  terminal.say(`curl -X DELETE ${url}/customers/7`);
  terminal.say(`curl -c jar -b jar -i ${url}/session --json '{"customer":7}'`);
  terminal.say(`curl -c jar -b jar ${url}/session`);
  terminal.say(`curl -c jar -b jar -X DELETE ${url}/session`);
  terminal.say(`curl ${url}/stats`);
  terminal.say();
  terminal.say('Ctrl-C ends it.');
}
