import { memoryStore, type LocalEntry, type LocalSpace, type MemoryStoreOptions } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { entryOf } from '../../support/entry.ts';

/** An entry as the engine keeps it, that is of use until it says otherwise. */
export function held(value: unknown, keptUntil = Infinity): LocalEntry {
  return {
    ...entryOf({ value }),
    servedUntil: keptUntil,
    trustedUntil: keptUntil,
    trueAt: 0,
    keptUntil,
    skew: 0,
    idleUntil: Infinity,
    checkedVersion: 0,
    handOut: undefined,
    settled: undefined,
  };
}

export function open(options: MemoryStoreOptions = {}, clock = new ManualClock()): LocalSpace {
  return memoryStore(options).open({ namespace: 'cache', clock, report: () => undefined });
}
