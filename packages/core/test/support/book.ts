import { Payloads } from '../../src/engine/payload.ts';
import { memoryLedger } from '../../src/ledgers/memory-ledger.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { Ledger, LedgerBook } from '../../src/model/ledger.ts';
import { nativeSerializer } from '../../src/serializers/native-serializer.ts';

/** Values as ledgers have them. */
export const payloads = new Payloads(nativeSerializer);

/** The ledger of a resource whose writes are due two seconds after they were made. */
export function openBook(clock: Clock, ledger: Ledger = memoryLedger()): LedgerBook {
  const tell = { lost: () => undefined, report: () => undefined };
  return ledger.open({ namespace: 'test', resource: 'views', clock, due: 2_000, max: 1_000, ...tell });
}
