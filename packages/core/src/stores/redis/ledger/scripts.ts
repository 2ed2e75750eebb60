import { script } from '../script.ts';

// Of each shard, all in one cluster slot: KEYS[1] m, a hash with the highest version, the identity of the ledger and how
// many shards there are; KEYS[2] d, key → newest record; KEYS[3] p, key → pinned record, a merge that was claimed; KEYS[4] q,
// key by when it is due; KEYS[5] f, key in flight by the end of its lease; KEYS[6] c, key → claim; KEYS[7] x, dead letters;
// KEYS[8] to [10] operations by name, in turns. A key is in q or in f if it is in d or p, and never in both.
// A record is 'version first op\npayload'; `first` is the version of its first write that nobody has claimed.
// A claim is 'token version first tried attempts\nerror'; its token is '-' once it has ended.
// Versions are microseconds: a double holds them exactly until 2255.
/** Milliseconds for which operations go into one hash: they are known for one to two turns, longer than a write is tried. */
const turn = 7_000;

const prelude = `
local M, D, P, Q, F, C, X = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local function number(value) return string.format('%.0f', value) end
local function parse(record)
  local version, first, op, at = record:match('^(%d+) (%d+) (%a)\\n()')
  return tonumber(version), tonumber(first), op, at
end
local function record(version, first, op, payload)
  return number(version) .. ' ' .. number(first) .. ' ' .. op .. '\\n' .. payload
end
local function claimOf(key)
  local found = redis.call('HGET', C, key)
  if not found then return '-', 0, 0, 0, 0, '' end
  local token, version, first, tried, attempts, at = found:match('^(%S+) (%d+) (%d+) (%d+) (%d+)\\n()')
  return token, tonumber(version), tonumber(first), tonumber(tried), tonumber(attempts), found:sub(at)
end
local function keepClaim(key, token, version, first, tried, attempts, problem)
  local numbers = number(version) .. ' ' .. number(first) .. ' ' .. number(tried) .. ' ' .. number(attempts)
  redis.call('HSET', C, key, token .. ' ' .. numbers .. '\\n' .. problem)
end
local function dirty() return redis.call('ZCARD', Q) + redis.call('ZCARD', F) end
local function generation() return redis.call('HGET', M, 'generation') end`;

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

/**
 * KEYS[11]: the read lease of the key. ARGV: key, op, payload, operation, the instant (ms) until which it may be made,
 * version that is to be there or '', lease that is to stand or '', version to be above, ms until due, most keys, a new
 * generation.
 */
export const put = script(`
local M, D, P, Q, F = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local key, operation, given, lease = ARGV[1], ARGV[4], ARGV[6], ARGV[7]
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local head = redis.call('HMGET', M, 'generation', 'version', 'turn')
local generation = head[1]
local dirty = redis.call('ZCARD', Q) + redis.call('ZCARD', F)
if now > tonumber(ARGV[5]) then return { 'late', dirty, generation } end
local turn = math.floor(now / ${turn})
local operations = KEYS[8 + turn % 3]
local known = redis.call('HGET', operations, operation) or redis.call('HGET', KEYS[8 + (turn - 1) % 3], operation)
if known then return { 'accepted', dirty, generation, known, now } end
local newest = redis.call('HGET', D, key)
local version, first = 0, 0
if newest then
  local a, b = newest:match('^(%d+) (%d+)')
  version, first = tonumber(a), tonumber(b)
end
local isLeased = lease == '' or redis.call('GET', KEYS[11]) == lease
if not isLeased or (given ~= '' and tonumber(given) ~= version) then
  return { 'changed', dirty, generation, newest, redis.call('HGET', P, key) }
end
local isInFlight = redis.call('ZSCORE', F, key)
-- A merge that waits to be tried again is queued, though nothing came after it.
if not newest and not isInFlight and not redis.call('ZSCORE', Q, key) then
  if dirty >= tonumber(ARGV[10]) then return { 'full', dirty, generation } end
  dirty = dirty + 1
end
local new = math.max(micros, tonumber(head[2] or '0') + 1, tonumber(ARGV[8]) + 1)
if not newest then first = new
elseif isInFlight then
  local claimed = redis.call('HGET', KEYS[6], key):match('^%S+ (%d+)')
  if tonumber(claimed) == version then first = new end
end
local text = string.format('%.0f', new)
-- What may grow comes first: a server that is out of memory refuses it, and with it all.
redis.call('HSET', M, 'version', text, 'turn', turn)
if not generation then
  generation = ARGV[11]
  redis.call('HSET', M, 'generation', generation)
end
redis.call('HSET', D, key, text .. string.format(' %.0f ', first) .. ARGV[2] .. '\\n' .. ARGV[3])
if not isInFlight then redis.call('ZADD', Q, 'LT', now + tonumber(ARGV[9]), key) end
redis.call('DEL', KEYS[11])
redis.call('HSET', operations, operation, text)
if head[3] ~= tostring(turn) then redis.call('PEXPIREAT', operations, (turn + 3) * ${turn} - 1) end
return { 'accepted', dirty, generation, text, now }`);

/** ARGV: keys. */
export const read = script(
  prelude,
  `
return { generation(), redis.call('HMGET', D, unpack(ARGV)), redis.call('HMGET', P, unpack(ARGV)) }`,
);

/** KEYS[11]: the read lease of the key. ARGV: key, token, ttl (ms). */
export const lease = script(
  prelude,
  `
if redis.call('HEXISTS', D, ARGV[1]) == 1 or redis.call('HEXISTS', P, ARGV[1]) == 1 then return 'dirty' end
if redis.call('SET', KEYS[11], ARGV[2], 'NX', 'PX', ARGV[3]) then return 'granted' end
return 'held'`,
);

/** KEYS[11]: the read lease. ARGV: token. */
export const unlease = script(`
if redis.call('GET', KEYS[11]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[11])`);

/** ARGV: operations. Gives 1 if this server knows of all of them, and writes something, for WAIT to wait for. */
export const touch = script(
  prelude,
  `
local turn = math.floor(now / ${turn})
for _, operation in ipairs(ARGV) do
  local known = false
  for back = 0, 1 do known = known or redis.call('HEXISTS', KEYS[8 + (turn - back) % 3], operation) == 1 end
  if not known then return 0 end
end
redis.call('HSET', M, 'touched', number(now))
return 1`,
);

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
if not redis.call('ZSCORE', F, key) then redis.call('ZADD', Q, 'LT', number(now), key) end
redis.call('XDEL', X, ARGV[1])
return 'redriven'`,
);

/** ARGV: id. */
export const discard = script(prelude, `return redis.call('XDEL', X, ARGV[1])`);

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
