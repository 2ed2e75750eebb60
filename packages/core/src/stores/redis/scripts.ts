import { script } from './script.ts';

// Every value has three keys in one cluster slot: KEYS[1] the frame, KEYS[2] the lease (a token), KEYS[3] the writers
// at work (a hash: token → the instant its marker runs out; the field '!' says that writers overlapped).
// A key of a foreign type in the place of a frame is never deleted and never overwritten.
const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function drop()
  if redis.call('TYPE', KEYS[1]).ok == 'string' then redis.call('DEL', KEYS[1]) end
  redis.call('DEL', KEYS[2])
end
local function writers(instant)
  local fields = redis.call('HGETALL', KEYS[3])
  local alive = 0
  for i = 1, #fields, 2 do
    if fields[i] ~= '!' then
      if tonumber(fields[i + 1]) > instant then alive = alive + 1 else redis.call('HDEL', KEYS[3], fields[i]) end
    end
  end
  if alive == 0 and #fields > 0 then redis.call('DEL', KEYS[3]) end
  return alive
end
local function claim(token, instant, ttl)
  redis.call('HSET', KEYS[3], token, instant + ttl)
  if redis.call('PTTL', KEYS[3]) < ttl then redis.call('PEXPIRE', KEYS[3], ttl) end
end`;

/** ARGV: token, ttl (ms), and where there is one the head of a frame that does not count. */
export const lease = script(
  prelude,
  `
local type = redis.call('TYPE', KEYS[1]).ok
if type ~= 'string' and type ~= 'none' then return { 'foreign' } end
if type == 'string' and (not ARGV[3] or redis.call('GETRANGE', KEYS[1], 0, #ARGV[3] - 1) ~= ARGV[3]) then
  return { 'filled', redis.call('GET', KEYS[1]) }
end
if writers(now()) > 0 then return { 'writing' } end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 'granted' } end
return { 'held' }`,
);

/** ARGV: token, frame, ttl (ms). */
export const fill = script(
  prelude,
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
local type = redis.call('TYPE', KEYS[1]).ok
if type ~= 'string' and type ~= 'none' then return 0 end
if writers(now()) > 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
);

/** ARGV: the frame that is to be there still, the one to take its place, ttl (ms). */
export const replace = script(
  prelude,
  `
if redis.call('TYPE', KEYS[1]).ok ~= 'string' or redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 or writers(now()) > 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
);

/** ARGV: token. */
export const release = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])`);

/** ARGV: token, ttl (ms). For a lease and for a write marker alike. */
export const extend = script(
  prelude,
  `
if redis.call('GET', KEYS[2]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return 0 end
claim(ARGV[1], now(), tonumber(ARGV[2]))
return 1`,
);

/** ARGV: token, ttl (ms). */
export const mark = script(
  prelude,
  `
local instant = now()
local others = writers(instant)
drop()
claim(ARGV[1], instant, tonumber(ARGV[2]))
if others > 0 then redis.call('HSET', KEYS[3], '!', '1') end
return 1`,
);

/** ARGV: token, and for a value: frame, ttl (ms). */
export const commit = script(
  prelude,
  `
local alive = writers(now())
local mine = redis.call('HDEL', KEYS[3], ARGV[1])
local alone = mine == 1 and alive == 1 and redis.call('HEXISTS', KEYS[3], '!') == 0
drop()
if alive == mine then redis.call('DEL', KEYS[3]) else redis.call('HSET', KEYS[3], '!', '1') end
if not alone or not ARGV[2] or redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
);

export const evict = script(
  prelude,
  `
drop()
if writers(now()) > 0 then redis.call('HSET', KEYS[3], '!', '1') end
return 1`,
);

// The record of tags: KEYS[1] a string with the generation and the last instant, for an MGET to bring along with values,
// KEYS[2] a sorted set of tags by instant.
// The generation is a member of the set too, so that the loss of either key is noticed. ARGV[1] is the name of a
// generation to begin, should there be no record. Instants are microseconds: a double holds them exactly until 2255, and
// a clock that somebody has set beyond could not rise any more, so that it counts for none.
const tagPrelude = `
local function micros()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local generation, last = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%d+)$')
if not generation or tonumber(last) >= 2 ^ 53 - 1 or not redis.call('ZSCORE', KEYS[2], 'generation:' .. generation) then
  generation, last = ARGV[1], string.format('%.0f', micros())
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('SET', KEYS[1], generation .. ' ' .. last)
  redis.call('ZADD', KEYS[2], 0, 'generation:' .. generation)
end
last = tonumber(last)`;

/**
 * ARGV: a new generation, then the most tags to keep, the tag of everything, and the tags. Where there are too many, the
 * older half is forgotten, and everything from before the latest of them invalidated.
 */
export const invalidate = script(
  tagPrelude,
  // A Redis that is out of memory refuses a script whose first write may grow, and lets one go on that began by freeing.
  `
redis.call('ZREM', KEYS[2], ARGV[4])
local at = string.format('%.0f', math.max(micros(), last + 1))
local most = tonumber(ARGV[2])
if redis.call('ZCARD', KEYS[2]) > most then
  local count = math.floor(most / 2)
  local latest = redis.call('ZRANGE', KEYS[2], count, count, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYRANK', KEYS[2], 1, count)
  if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then redis.call('ZADD', KEYS[2], latest, ARGV[3]) end
end
for i = 4, #ARGV do redis.call('ZADD', KEYS[2], at, ARGV[i]) end
redis.call('SET', KEYS[1], generation .. ' ' .. at)
return { generation, at }`,
);

/** ARGV: a new generation, then the generation and the instant that are known. */
export const tags = script(
  tagPrelude,
  `
local since = generation == ARGV[2] and '(' .. ARGV[3] or '(0'
return { generation, string.format('%.0f', last), redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf', 'WITHSCORES') }`,
);
