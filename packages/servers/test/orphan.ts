// Started as a process of its own by the test of the watchdog, which then kills it.
import { startPostgres, startRedis } from '../src/index.ts';

void Promise.all([startRedis(), startPostgres()]).then(async (servers) => {
  for (const server of servers) await server.freeze();
  console.log(JSON.stringify(servers.map(({ pid, folder }) => ({ pid, folder }))));
  setInterval(() => undefined, 60_000);
});
