import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { slowProduct } from './demo/1-slow-product.ts';
import { update } from './demo/2-update.ts';
import { stampede } from './demo/3-stampede.ts';
import { strategies, strategiesInMarkdown } from './demo/4-strategies.ts';
import { outage } from './demo/5-outage.ts';
import { annotated } from './demo/6-annotated.ts';
import { type ServiceProcess, startServiceProcess } from './demo/service-process.ts';
import { findSurroundings } from './demo/surroundings.ts';
import { terminal as openTerminal, time } from './demo/terminal.ts';
import { printUrls } from './demo/urls.ts';
import { startService } from './service.ts';

// pnpm demo              drives the shop over HTTP and prints what there is to see
// pnpm demo --serve      keeps the shop listening until Ctrl-C
// pnpm demo --markdown   prints the comparison of strategies alone, as a Markdown table
const { values: wanted } = parseArgs({ options: { serve: { type: 'boolean' }, markdown: { type: 'boolean' } } });
const begun = performance.now();
const terminal = openTerminal();
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, resolve);
});

const namespace = `shop_demo_${randomBytes(4).toString('hex')}`;
const surroundings = await findSurroundings(namespace);
const settings = { namespace, databaseUrl: surroundings.databaseUrl, redisUrl: surroundings.redisUrl };
const processes: ServiceProcess[] = [];
let aborted = false;
try {
  if (wanted.serve) await serve();
  else aborted = await Promise.race([show().then(() => false), interrupted.then(() => true)]);
} finally {
  await Promise.all(processes.map((service) => service.close()));
  await surroundings.stop();
}
if (aborted) process.exit(130);
if (terminal.failures > 0) process.exitCode = 1;

async function serve(): Promise<void> {
  const service = await startService(settings);
  introduce();
  printUrls(terminal, service.url);
  await interrupted;
  await service.close();
}

async function show(): Promise<void> {
  const start = async () => {
    const service = await startServiceProcess(settings);
    processes.push(service);
    return service;
  };
  if (!wanted.markdown) introduce();
  const service = await start();
  const second = settings.databaseUrl && settings.redisUrl ? await start() : undefined;
  const stage = { terminal, surroundings, namespace, service, second };

  if (wanted.markdown) return void process.stdout.write(await strategiesInMarkdown(stage));
  for (const chapter of [slowProduct, update, stampede, strategies, outage, annotated]) await chapter(stage);
  const verdict = terminal.failures === 0 ? 'Everything above was measured just now.' : `${terminal.failures} NOT SO.`;
  terminal.heading(`${verdict} ${time(performance.now() - begun)} in all.`);
}

function introduce(): void {
  terminal.heading('A small shop behind a cache: one service, four resources, one strategy each');
  terminal.say(`Postgres  ${surroundings.postgres}`);
  terminal.say(`Redis     ${surroundings.redis}`);
  terminal.say(`Node.js   ${process.versions.node}`);
}
