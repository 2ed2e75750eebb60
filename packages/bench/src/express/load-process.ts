import { installPeers } from '../peers/install.ts';
import { peerNames } from './subjects.ts';
import { requestsPerTurn } from './turn.ts';

interface Autocannon {
  readonly default: (options: { url: string; connections: number; amount: number }) => Promise<unknown>;
}

// The load generator, in a process of its own: for each URL it is sent, the seconds that so many requests take.
const peers = await installPeers(peerNames);
const { default: autocannon } = await peers.load<Autocannon>('autocannon');
process.on('message', (url: string) => {
  const begun = performance.now();
  // Its own duration is one of whole seconds.
  void autocannon({ url, connections: 50, amount: requestsPerTurn }).then(() => {
    process.send!((performance.now() - begun) / 1_000);
  });
});
process.on('disconnect', () => process.exit());
process.send!('ready');
