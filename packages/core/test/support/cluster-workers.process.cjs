// A primary that prints what its one worker is warned of, which makes the caches that the argument names.
const cluster = require('node:cluster');
const { createCache, memoryStore } = require('@cache/core');
const { SharedStoreModel } = require('@cache/core/testing');

const caches = {
  'in memory': () => [createCache(), createCache({ tiers: [memoryStore()] })],
  shared: () => [createCache({ tiers: [memoryStore(), new SharedStoreModel().store()] })],
  off: () => [createCache({ enabled: false })],
};

if (cluster.isPrimary) {
  createCache();
  cluster.fork().on('message', (text) => process.stdout.write(`${text}\n`));
} else {
  process.on('warning', ({ message }) => process.send(message));
  caches[process.argv.at(-1)]();
  setTimeout(() => process.exit(), 100);
}
