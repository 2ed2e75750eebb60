import { oneOf, type OutagePolicy, type Quota } from '@cache/core';

export const algorithmRule = oneOf<Quota['algorithm']>('fixed', 'sliding');
export const onOutageRule = oneOf<OutagePolicy>('open', 'closed', 'local');
