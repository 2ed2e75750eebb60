import { CacheError } from '../../../model/errors.ts';

/** What a server says of itself that a ledger has to know. */
export interface ServerFacts {
  readonly version: readonly [major: number, minor: number];
}

let warned = false;

/**
 * Reads INFO, which managed servers allow where they forbid CONFIG.
 *
 * @throws CacheError `LEDGER_REFUSED` for a server that would lose what the ledger accepts.
 */
export function checkServer(info: string): ServerFacts {
  const field = (name: string): string => new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1] ?? '';
  const [major = 0, minor = 0] = field('redis_version').split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw refused(`Redis ${major}.${minor} is too old: it needs 6.2 or newer`);
  }
  if (field('role') === 'slave') throw refused('this server is a replica; give the address of its master');
  const policy = field('maxmemory_policy');
  if (policy.startsWith('allkeys')) {
    const sentence = `its maxmemory-policy is ${policy}, which evicts accepted writes; set it to noeviction or one that begins with volatile, or give the ledger a server of its own`;
    throw refused(sentence);
  }
  if (field('aof_enabled') === '0' && field('connected_slaves') === '0' && !warned) {
    warned = true;
    const sentence =
      'this Redis has neither an append-only file nor a replica: what redisLedger accepts lives as long as that process; set appendonly yes';
    process.emitWarning(sentence, 'CacheWarning');
  }
  return { version: [major, minor] };
}

export function refused(reason: string): CacheError {
  return new CacheError('LEDGER_REFUSED', `redisLedger: ${reason}`, { store: 'redis ledger' });
}
