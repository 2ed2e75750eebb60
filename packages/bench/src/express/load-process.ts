import { type Load, saturate } from './saturate.ts';

// The load, in a process of its own: for each server it is told of, the seconds that so many requests take.
process.on('message', (load: Load) => void saturate(load).then((seconds) => process.send!(seconds)));
process.on('disconnect', () => process.exit());
process.send!('ready');
