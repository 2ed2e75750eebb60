import type { Store } from '../../model/store.ts';
import { memoryStore } from '../../stores/memory/memory-store.ts';
import type { SharedStoreModel, Wire } from '../shared-store-model.ts';

/** What a cache may be made of. */
export interface Tiers {
  /** As the end of a sentence: "… over memory alone". */
  readonly name: string;
  /** Whether there is memory. */
  readonly memory: boolean;
  /** How the way to the shared store is, if there is one. */
  readonly wire: Wire | undefined;
  /** Whether there is a shared store, and it is well. */
  readonly shared: boolean;
}

const never = new Promise<never>(() => undefined);

/** What becomes of what a process asks a shared store. */
export const wires = {
  'that is well': () => Promise.resolve(),
  'that fails': () => Promise.reject(new Error('the store is broken')),
  'that hangs': () => never,
  'whose replies are lost': (step) => (step.startsWith('reply') ? never : Promise.resolve()),
} satisfies Record<string, Wire>;
/** Memory alone, and shared stores in every state of health, with and without memory before them. */
export const everyTiers: readonly Tiers[] = [
  { name: 'memory alone', memory: true, wire: undefined, shared: false },
  ...[true, false].flatMap((memory) =>
    Object.entries(wires).map(([health, wire]) => ({
      name: `${memory ? 'memory and ' : ''}a shared store ${health}`,
      memory,
      wire,
      shared: health === 'that is well',
    })),
  ),
];

/** The stores of one process, with its way to the shared one. */
export function storesOf({ memory }: Tiers, model: SharedStoreModel, wire: Wire | undefined): Store[] {
  return [...(memory ? [memoryStore()] : []), ...(wire === undefined ? [] : [model.store(wire)])];
}
