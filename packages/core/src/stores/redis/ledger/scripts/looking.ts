import { script } from '../../script.ts';
import { prelude } from './layout.ts';

/** ARGV: a new generation, how many shards there are to be. Gives both as they are, the time, and what the server says. */
export const open = script(
  prelude,
  `
redis.call('HSETNX', M, 'generation', ARGV[1])
redis.call('HSETNX', M, 'shards', ARGV[2])
return { generation(), redis.call('HGET', M, 'shards'), number(now) }`,
);

/** Not in the script that may write: of a server that is out of memory this must be known too. */
export const info = script(`return redis.call('INFO')`);

/** ARGV: keys. */
export const read = script(
  prelude,
  `
return { generation(), redis.call('HMGET', D, unpack(ARGV)), redis.call('HMGET', P, unpack(ARGV)) }`,
);

/** ARGV: key, token, ttl (ms). Those that ended are swept out, a few at a time. */
export const lease = script(
  prelude,
  `
local key = ARGV[1]
if redis.call('HEXISTS', D, key) == 1 or redis.call('HEXISTS', P, key) == 1 then return 'dirty' end
local ended = redis.call('ZRANGEBYSCORE', E, '-inf', now, 'LIMIT', 0, 100)
if #ended > 0 then
  redis.call('ZREM', E, unpack(ended))
  redis.call('HDEL', L, unpack(ended))
end
local ends = redis.call('ZSCORE', E, key)
if ends and tonumber(ends) > now then return 'held' end
redis.call('HSET', L, key, ARGV[2])
redis.call('ZADD', E, now + tonumber(ARGV[3]), key)
return 'granted'`,
);

/** ARGV: key, token. */
export const unlease = script(
  prelude,
  `
local ends = redis.call('ZSCORE', E, ARGV[1])
if not ends or tonumber(ends) <= now or redis.call('HGET', L, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', L, ARGV[1])
return redis.call('ZREM', E, ARGV[1])`,
);

/** ARGV: a mark, or ''. Gives the mark, and 1 if some write of that version or a lower one is left. */
export const drain = script(
  prelude,
  `
local mark = ARGV[1]
if mark == '' then mark = redis.call('HGET', M, 'version') or '0' end
local most = tonumber(mark)
for _, queue in ipairs({ F, Q }) do
  for from = 0, redis.call('ZCARD', queue) - 1, 500 do
    local keys = redis.call('ZRANGE', queue, from, from + 499)
    for _, hash in ipairs({ D, P }) do
      for _, found in ipairs(redis.call('HMGET', hash, unpack(keys))) do
        if found then
          local _, first = parse(found)
          if first <= most then return { mark, 1 } end
        end
      end
    end
    if queue == F then
      for _, key in ipairs(keys) do
        local _, _, first = claimOf(key)
        if first <= most then return { mark, 1 } end
      end
    end
  end
end
return { mark, 0 }`,
);

/** The age is that of the oldest among those that are due first. */
export const stats = script(
  prelude,
  `
local oldest = micros
for _, queue in ipairs({ Q, F }) do
  for _, key in ipairs(redis.call('ZRANGE', queue, 0, 99)) do
    for _, hash in ipairs({ D, P }) do
      local found = redis.call('HGET', hash, key)
      if found then
        local _, first = parse(found)
        if first < oldest then oldest = first end
      end
    end
  end
end
return { dirty(), redis.call('ZCARD', F), redis.call('XLEN', X), number(micros - oldest) }`,
);
