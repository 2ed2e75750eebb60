import { installPeers } from '../peers/install.ts';
import { peerNames } from './subjects.ts';
import { requestsPerTurn } from './turn.ts';

interface Autocannon {
  readonly default: (options: {
    url: string;
    connections: number;
    amount: number;
  }) => Promise<unknown> & { on(event: 'response', heard: () => void): void };
}

// The load generator, in a process of its own: for each URL it is sent, the seconds that so many requests take.
const peers = await installPeers(peerNames);
const { default: autocannon } = await peers.load<Autocannon>('autocannon');
process.on('message', (url: string) => {
  const begun = performance.now();
  let last = begun;
  const running = autocannon({ url, connections: 50, amount: requestsPerTurn });
  // It tells of its end at the next whole second only.
  running.on('response', () => (last = performance.now()));
  void running.then(() => process.send!((last - begun) / 1_000));
});
process.on('disconnect', () => process.exit());
process.send!('ready');
