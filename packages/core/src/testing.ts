export { ManualClock } from './model/manual-clock.ts';
export type { ContractCase } from './testing/contract.ts';
export { localStoreContract } from './testing/local-store/contract.ts';
export type { LocalStoreContractOptions } from './testing/local-store/options.ts';
export { sharedStoreContract } from './testing/shared-store/contract.ts';
export type { SharedStoreContractOptions } from './testing/shared-store/options.ts';
export { SharedStoreModel, type Wire } from './testing/shared-store-model.ts';
export { strategyContract } from './testing/strategy/contract.ts';
export type { ContractSource } from './testing/strategy/source-model.ts';
