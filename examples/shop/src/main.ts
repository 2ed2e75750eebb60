import { startService } from './service.ts';

// One process of the service. Settings come from the environment; without any it runs on PGlite, in memory, at a free port.
const { DATABASE_URL, REDIS_URL, NAMESPACE, PORT, PURGE_TOKEN, SESSION_SECRET } = process.env;
const service = await startService({
  databaseUrl: DATABASE_URL,
  redisUrl: REDIS_URL,
  ...(PURGE_TOKEN && { purgeToken: PURGE_TOKEN }),
  ...(NAMESPACE && { namespace: NAMESPACE }),
  ...(PORT && { port: Number(PORT) }),
  ...(SESSION_SECRET && { sessionSecret: SESSION_SECRET }),
});

if (process.send === undefined) console.log(`The shop listens at ${service.url}`);
else process.send(service.url);

let closing: Promise<void> | undefined;
const close = async () => {
  await service.close();
  if (process.connected) process.disconnect();
};
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(signal, () => void (closing ??= close()));
