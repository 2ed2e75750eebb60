import { script } from '../../script.ts';
import { prelude, turn } from './layout.ts';

/** What the script says of a write that has no version. */
export const full = -1;
const changed = -2;

/**
 * Notes writes, one after the other. ARGV: the name of the call, the instant (ms) until which it may be made, version to be
 * above, ms until due, most keys, most ms that a key may have waited or '', a new generation; then of each write key, op, payload, its operation or '', version that is
 * to be there or '', lease that is to stand or ''. Gives of each its version, `full`, or the records that are there.
 */
export const put = script(`
local M, D, P, Q, F, C, L, E = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[11], KEYS[12]
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local head = redis.call('HMGET', M, 'generation', 'version', 'turn')
local generation = head[1]
local dirty = redis.call('ZCARD', Q) + redis.call('ZCARD', F)
if now > tonumber(ARGV[2]) then return { 'late', dirty, generation } end

local keys, names = {}, { ARGV[1] }
for at = 8, #ARGV, 6 do
  keys[#keys + 1] = ARGV[at]
  if ARGV[at + 3] ~= '' then names[#names + 1] = ARGV[at + 3] end
end
local turn = math.floor(now / ${turn})
local operations = KEYS[8 + turn % 3]
local known = {}
local before, these = redis.call('HMGET', KEYS[8 + (turn - 1) % 3], unpack(names)), redis.call('HMGET', operations, unpack(names))
for at, name in ipairs(names) do known[name] = these[at] or before[at] end

local newest, isInFlight, isQueued = {}, {}, {}
local records = redis.call('HMGET', D, unpack(keys))
local flights, queued = redis.call('ZMSCORE', F, unpack(keys)), redis.call('ZMSCORE', Q, unpack(keys))
for at, key in ipairs(keys) do newest[key], isInFlight[key], isQueued[key] = records[at], flights[at], queued[at] end

local outcomes = {}
local function changed(key) return { newest[key], redis.call('HGET', P, key) } end
if known[ARGV[1]] then
  for code in known[ARGV[1]]:gmatch('%S+') do
    local outcome = tonumber(code)
    outcomes[#outcomes + 1] = outcome == ${changed} and changed(keys[#outcomes + 1]) or outcome
  end
  return { 'done', dirty, generation, outcomes, now }
end

-- Whether the key whose turn is next has been waiting for too long.
local isBehind = false
for _, queue in ipairs(ARGV[6] == '' and {} or { Q, F }) do
  local key = redis.call('ZRANGE', queue, 0, 0)[1]
  local found = key and (redis.call('HGET', P, key) or redis.call('HGET', D, key))
  if found and micros - tonumber(found:match('^%d+ (%d+)')) > ARGV[6] * 1000 then isBehind = true end
end

local last = math.max(tonumber(head[2] or '0'), tonumber(ARGV[3]))
local noted, due, written, said, codes = {}, {}, {}, {}, {}
local isWritten = {}
for index, key in ipairs(keys) do
  local at = 2 + 6 * index
  local operation, given, lease = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local found, outcome = newest[key], operation ~= '' and known[operation]
  if outcome then outcome = tonumber(outcome)
  else
    local version, first = 0, 0
    if found then
      local a, b = found:match('^(%d+) (%d+)')
      version, first = tonumber(a), tonumber(b)
    end
    local isLeased = lease == '' or not isWritten[key] and redis.call('HGET', L, key) == lease
      and tonumber(redis.call('ZSCORE', E, key)) > now
    -- A merge that waits to be tried again is queued, though nothing came after it.
    local isClean = not found and not isInFlight[key] and not isQueued[key]
    if not isLeased or (given ~= '' and tonumber(given) ~= version) then outcome = ${changed}
    elseif isClean and (dirty >= tonumber(ARGV[5]) or isBehind) then outcome = ${full}
    else
      if isClean then dirty = dirty + 1 end
      last = math.max(micros, last + 1)
      outcome = last
      if not found then first = last
      elseif isInFlight[key] then
        local claimed = redis.call('HGET', C, key):match('^%S+ (%d+)')
        if tonumber(claimed) == version then first = last end
      end
      newest[key] = string.format('%.0f %.0f ', last, first) .. ARGV[at + 1] .. '\\n' .. ARGV[at + 2]
      noted[#noted + 1], noted[#noted + 2] = key, newest[key]
      if not isInFlight[key] then
        isQueued[key] = true
        due[#due + 1], due[#due + 2] = now + tonumber(ARGV[4]), key
      end
      written[#written + 1], isWritten[key] = key, true
      if operation ~= '' then
        known[operation] = string.format('%.0f', last)
        said[#said + 1], said[#said + 2] = operation, known[operation]
      end
    end
  end
  codes[index] = string.format('%.0f', outcome)
  outcomes[index] = outcome == ${changed} and changed(key) or outcome
end
if #noted > 0 then
  -- What may grow comes first: a server that is out of memory refuses it, and with it all.
  redis.call('HSET', M, 'version', string.format('%.0f', last), 'turn', turn)
  if not generation then
    generation = ARGV[7]
    redis.call('HSET', M, 'generation', generation)
  end
  redis.call('HSET', D, unpack(noted))
  if #due > 0 then redis.call('ZADD', Q, 'LT', unpack(due)) end
  redis.call('HDEL', L, unpack(written))
  redis.call('ZREM', E, unpack(written))
  redis.call('HSET', operations, ARGV[1], table.concat(codes, ' '), unpack(said))
  if head[3] ~= tostring(turn) then redis.call('PEXPIREAT', operations, (turn + 3) * ${turn} - 1) end
end
return { 'done', dirty, generation, outcomes, now }`);

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
