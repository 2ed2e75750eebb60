import type { AddressInfo } from 'node:net';
import { installPeers } from '../peers/install.ts';
import { peerNames, serve } from './subjects.ts';

// One server, in a process of its own. It tells its port, and then what it is asked for: its memory, or the processor's time.
const [name = '', bytes = ''] = process.argv.slice(2);
const server = await serve(name, Number(bytes), await installPeers(peerNames));
process.on('message', (asked) => {
  if (asked === 'processor') {
    const { user, system } = process.cpuUsage();
    process.send!(user + system);
    return;
  }
  globalThis.gc?.();
  process.send!(process.memoryUsage());
});
process.on('disconnect', () => process.exit());
process.send!((server.address() as AddressInfo).port);
