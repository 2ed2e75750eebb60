import { script } from '../../script.ts';
import { prelude } from './layout.ts';

/** ARGV: most letters, the id of the last one that is known, or ''. */
export const dead = script(
  prelude,
  `
return redis.call('XRANGE', X, ARGV[2] == '' and '-' or '(' .. ARGV[2], '+', 'COUNT', ARGV[1])`,
);

/** ARGV: id. */
export const redrive = script(
  prelude,
  `
local letter = redis.call('XRANGE', X, ARGV[1], ARGV[1])[1]
if not letter then return 'gone' end
local fields = {}
for at = 1, #letter[2], 2 do fields[letter[2][at]] = letter[2][at + 1] end
local key, found = fields.k, fields.r
local version, _, op, at = parse(found)
local newest, pinned = redis.call('HEXISTS', D, key) == 1, redis.call('HEXISTS', P, key) == 1
if op == 'm' then
  if newest then return 'busy' end
  version = math.max(micros, tonumber(redis.call('HGET', M, 'version') or '0') + 1)
  redis.call('HSET', M, 'version', number(version))
elseif newest or pinned then return 'superseded' end
redis.call('HSET', D, key, record(version, version, op, found:sub(at)))
redis.call('HDEL', L, key)
redis.call('ZREM', E, key)
if not redis.call('ZSCORE', F, key) then redis.call('ZADD', Q, 'LT', number(now), key) end
redis.call('XDEL', X, ARGV[1])
return 'redriven'`,
);

/** ARGV: id. */
export const discard = script(prelude, `return redis.call('XDEL', X, ARGV[1])`);
