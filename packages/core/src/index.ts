export { Cache, type CacheStats, type CloseReport, type CountersOptions, type GetOrSetOptions } from './cache.ts';
export { closeOnSignal, type CloseOnSignalOptions } from './close-on-signal.ts';
export { type CacheOptions, createCache, noCache } from './create-cache.ts';
export type { ReadStats, TierHits } from './engine/counters.ts';
export type { Counters, OutagePolicy } from './engine/counting.ts';
export type { Peek, ResourceStats } from './engine/engine.ts';
export type { WriteStats } from './engine/flush-figures.ts';
export type { Distribution } from './engine/histogram.ts';
export type { Blueprint, BlueprintFields, Instances } from './engine/instances.ts';
export type { IsolationMode } from './engine/isolation.ts';
export type { CacheHealth } from './engine/namespace.ts';
export type { FreshnessOptions, ResourceOptions, Tags } from './engine/policy.ts';
export type { ReadOptions } from './engine/read-options.ts';
export type { Records, SetRecordOptions } from './engine/records.ts';
export { Resource } from './engine/resource.ts';
export type { SharedTierHealth } from './engine/shared-tier.ts';
export type { StandardSchema } from './engine/schema.ts';
export type {
  LoadContext,
  Loader,
  ManyLoadContext,
  ManyLoaded,
  ManyLoader,
  Source,
  StaleTimes,
  StaleValue,
} from './engine/source.ts';
export type { SourceOptions } from './engine/source-options.ts';
export type { DirtyItem, DirtyKey, ItemWriter, WriteContext, WriteResult } from './engine/source-writer.ts';
export type { Strategy, StrategyContext } from './engine/strategy.ts';
export { type PostgresFence, postgresFence, type PostgresFenceOptions } from './fences/postgres-fence.ts';
export { type SideFence, sideFence, type SideFenceOptions } from './fences/side-fence.ts';
export type { Query, Statement } from './fences/sql.ts';
export { fileLedger, type FileLedgerOptions } from './ledgers/file/file-ledger.ts';
export { memoryLedger } from './ledgers/memory-ledger.ts';
export { channelBus } from './layers/channel-bus.ts';
export type { Bus, BusContext, OpenBus } from './model/bus.ts';
export type { ByteSize } from './model/bytes.ts';
export type { Channel, ChannelContext, OpenChannel } from './model/channel.ts';
export type { Clock, Timer } from './model/clock.ts';
export type { CounterSpace, Quota, Usage, Verdict } from './model/counters.ts';
export type { Duration } from './model/duration.ts';
export type { Entry, TagClock } from './model/entry.ts';
export { CacheError, DurabilityError, type ErrorCode, errorCodes, type ErrorDetails } from './model/errors.ts';
export type { CacheEvents, EventListener, EventName } from './model/events.ts';
export type { Key } from './model/key.ts';
export type {
  Claim,
  ClaimedRecord,
  ClaimRequest,
  DeadRecord,
  DirtyOp,
  DirtyRecord,
  DirtyWrite,
  Durability,
  Ledger,
  LedgerBook,
  LedgerContext,
  LedgerFigures,
  Outcome,
  PutReply,
  Redrive,
  Settled,
  Unwritten,
} from './model/ledger.ts';
export type { RecordSpace } from './model/records.ts';
export type { Serialized, Serializer } from './model/serializer.ts';
export type {
  Eviction,
  Fill,
  FillRequest,
  LeaseReply,
  LeaseRequest,
  LocalEntry,
  LocalFigures,
  LocalSegment,
  LocalSpace,
  LocalStore,
  ReplaceRequest,
  SharedRead,
  SharedSpace,
  SharedStore,
  Store,
  StoreCapabilities,
  StoreContext,
  TagRecord,
} from './model/store.ts';
export type { EvictionOrder, EvictionPolicy } from './stores/memory/eviction-policy.ts';
export { lru } from './stores/memory/lru.ts';
export { memoryStore, type MemoryStoreOptions } from './stores/memory/memory-store.ts';
export { s3Fifo } from './stores/memory/s3-fifo.ts';
export { cacheAside, type CacheAsideOptions, CacheAsideResource } from './strategies/cache-aside.ts';
export { startFlusher } from './strategies/start-flusher.ts';
export { addition, writeBehind } from './strategies/write-behind.ts';
export type { MergeOptions, WriteBehindOptions } from './strategies/write-behind-options.ts';
export { type DeadLetter, WriteBehindResource, type WriteOptions } from './strategies/write-behind-resource.ts';
export { writeThrough, type WriteThroughOptions, WriteThroughResource } from './strategies/write-through.ts';

// For packages that extend this one.
export { type AnyClass, type Conversion, instancesOf } from './engine/instances.ts';
export { policyRules } from './engine/policy.ts';
export { parseBytes } from './model/bytes.ts';
export { canonicalKey } from './model/canonical-key.ts';
export {
  duration,
  flag,
  fraction,
  func,
  having,
  identifier,
  integer,
  invalid,
  oneOf,
  optional,
  type OptionRule,
  parseOptions,
  positiveDuration,
  required,
  withDefault,
} from './model/options.ts';
