export { ManualClock } from './model/manual-clock.ts';
