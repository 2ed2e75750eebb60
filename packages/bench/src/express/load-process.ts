import { installPeers } from '../peers/install.ts';
import { peerNames } from './subjects.ts';
import { requestsPerTurn } from './turn.ts';

interface Autocannon {
  default(options: { url: string; connections: number; amount: number }): Promise<{ duration: number }>;
}

// The load generator, in a process of its own: for each URL it is sent, the seconds that so many requests take.
const peers = await installPeers(peerNames);
const { default: autocannon } = await peers.load<Autocannon>('autocannon');
process.on('message', (url: string) => {
  void autocannon({ url, connections: 50, amount: requestsPerTurn }).then(({ duration }) => process.send!(duration));
});
process.on('disconnect', () => process.exit());
process.send!('ready');
