import { script } from '../../script.ts';
import { prelude } from './layout.ts';

/** ARGV: token, most records, lease (ms), '1' for what is not due too, ms that count as nearly due. */
export const claim = script(
  prelude,
  `
local token, most, ends = ARGV[1], tonumber(ARGV[2]), now + tonumber(ARGV[3])
for _, key in ipairs(redis.call('ZRANGEBYSCORE', F, '-inf', number(now), 'LIMIT', 0, 1000)) do
  redis.call('ZREM', F, key)
  redis.call('ZADD', Q, now, key)
  local _, version, first, tried, attempts, problem = claimOf(key)
  keepClaim(key, '-', version, first, tried, attempts, problem)
end
local keys
if ARGV[4] == '1' then keys = redis.call('ZRANGE', Q, 0, most - 1)
else
  keys = redis.call('ZRANGEBYSCORE', Q, '-inf', number(now), 'LIMIT', 0, most)
  if #keys > 0 and #keys < most then
    keys = redis.call('ZRANGEBYSCORE', Q, '-inf', number(now + tonumber(ARGV[5])), 'LIMIT', 0, most)
  end
end
local records = {}
for _, key in ipairs(keys) do
  -- What frees comes first: a server that is out of memory then lets it go on.
  redis.call('ZREM', Q, key)
  local found = redis.call('HGET', P, key)
  local pinned = found
  if not found then found = redis.call('HGET', D, key) end
  local version, first, op = parse(found)
  if op == 'm' and not pinned then
    redis.call('HDEL', D, key)
    redis.call('HSET', P, key, found)
  end
  local _, _, _, tried, attempts, problem = claimOf(key)
  keepClaim(key, token, version, first, tried, attempts, problem)
  redis.call('ZADD', F, number(ends), key)
  records[#records + 1] = key
  records[#records + 1] = number(tried == version and attempts or 0)
  records[#records + 1] = found
end
local soonest = -1
for _, queue in ipairs({ Q, F }) do
  local head = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
  if head[2] and (soonest < 0 or tonumber(head[2]) < soonest) then soonest = tonumber(head[2]) end
end
local wait = soonest < 0 and -1 or math.max(0, math.ceil(soonest - now))
return { dirty(), generation(), wait, records }`,
);

/** ARGV: token, ms until due, then per record key, result, after (ms), '1' if it counts, error. */
export const ack = script(
  prelude,
  `
local token, due, settled = ARGV[1], tonumber(ARGV[2]), {}
for at = 3, #ARGV, 5 do
  local key, result, after, counts, problem = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3], ARGV[at + 4]
  local holder, version, first, tried, attempts, before = claimOf(key)
  if holder ~= token then settled[#settled + 1] = 'lost'
  else
    redis.call('ZREM', F, key)
    if tried ~= version then attempts, before = 0, '' end
    if result == 'retry' then
      if counts == '1' then attempts = attempts + 1 end
      keepClaim(key, '-', 0, 0, version, attempts, before ~= '' and before or problem)
      redis.call('ZADD', Q, number(now + after), key)
      settled[#settled + 1] = 'again'
    else
      local pinned, newest = redis.call('HGET', P, key), redis.call('HGET', D, key)
      local found, healed = pinned, false
      if pinned then
        if newest then
          local _, _, op = parse(newest)
          healed = op ~= 'm'
        end
        redis.call('HDEL', P, key)
      elseif newest and parse(newest) == version then
        found, newest = newest, false
        redis.call('HDEL', D, key)
      else healed = true end
      redis.call('HDEL', C, key)
      if result == 'dead' and not healed then
        redis.call('XADD', X, '*', 'k', key, 'r', found, 'a', number(attempts), 'e', problem)
      end
      if newest then redis.call('ZADD', Q, number(now + due), key) end
      if result == 'dead' then settled[#settled + 1] = healed and 'healed' or 'dead'
      else settled[#settled + 1] = newest and 'again' or 'clean' end
    end
  end
end
return { dirty(), generation(), settled }`,
);

/** ARGV: token, lease (ms), keys. */
export const extend = script(
  prelude,
  `
local held = {}
for at = 3, #ARGV do
  if claimOf(ARGV[at]) == ARGV[1] then
    redis.call('ZREM', F, ARGV[at])
    redis.call('ZADD', F, number(now + tonumber(ARGV[2])), ARGV[at])
    held[#held + 1] = ARGV[at]
  end
end
return held`,
);
