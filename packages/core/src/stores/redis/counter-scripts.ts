import { partsOfWindow } from '../../model/counters.ts';
import { script } from './script.ts';

// A fixed window is a string, which Redis forgets at its end. A sliding one is a hash: part of time → hits in it.
// ARGV has four words for each of KEYS: algorithm, window (ms), limit, and whether refused hits count.
const prelude = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function number(value)
  return tonumber(value) or error('ERR a counter of ours holds what somebody else has put there')
end
local function fixed(q)
  local value = redis.call('GET', q.key)
  q.hits = value and number(value) or 0
  local left = value and redis.call('PTTL', q.key) or q.window
  -- Longer than a window: the clock of the server was set back. None: somebody has taken it away.
  if left < 0 or left > q.window then
    left = q.window
    redis.call('PEXPIRE', q.key, left)
  end
  q.left = left
  q.there = value
end
local function sliding(q)
  q.width = math.ceil(q.window / ${partsOfWindow})
  q.part = math.floor(now / q.width)
  q.parts = {}
  q.hits = 0
  local fields = redis.call('HGETALL', q.key)
  for i = 1, #fields, 2 do
    local part, count = number(fields[i]), number(fields[i + 1])
    if (part + 1) * q.width + q.window <= now then
      redis.call('HDEL', q.key, fields[i])
    else
      if part > q.part then
        -- The clock of the server was set back: what came later came now.
        redis.call('HDEL', q.key, fields[i])
        redis.call('HINCRBY', q.key, q.part, count)
        part = q.part
      end
      if not q.parts[part] then q.parts[part] = 0 end
      q.parts[part] = q.parts[part] + count
      q.hits = q.hits + count
    end
  end
end
local function quota(i)
  local at = 4 * i - 3
  local q = { key = KEYS[i], sliding = ARGV[at] == 'sliding', window = tonumber(ARGV[at + 1]) }
  q.limit = tonumber(ARGV[at + 2])
  q.always = ARGV[at + 3] == '1'
  if q.sliding then sliding(q) else fixed(q) end
  return q
end
local function reset(q)
  if not q.sliding then return q.left end
  local order = {}
  for part in pairs(q.parts) do order[#order + 1] = part end
  table.sort(order)
  local left = q.hits
  for _, part in ipairs(order) do
    left = left - q.parts[part]
    if left < q.limit then return (part + 1) * q.width + q.window - now end
  end
  return q.window
end`;

/** One hit on all of the quotas, or on none. Replies with 1 or 0, then for each quota its hits and milliseconds. */
export const hit = script(
  prelude,
  `
local quotas, allowed = {}, true
for i = 1, #KEYS do
  quotas[i] = quota(i)
  if quotas[i].hits >= quotas[i].limit then allowed = false end
end
local reply = { allowed and 1 or 0 }
for _, q in ipairs(quotas) do
  if allowed or q.always then
    q.hits = q.hits + 1
    if q.sliding then
      redis.call('HINCRBY', q.key, q.part, 1)
      redis.call('PEXPIRE', q.key, q.window + q.width)
      q.parts[q.part] = (q.parts[q.part] or 0) + 1
    elseif q.there then
      redis.call('INCR', q.key)
    else
      redis.call('SET', q.key, 1, 'PX', q.window)
    end
  end
  reply[#reply + 1] = q.hits
  reply[#reply + 1] = reset(q)
end
return reply`,
);

/** Hits and milliseconds of one quota. */
export const look = script(prelude, `local q = quota(1) return { q.hits, reset(q) }`);

/** Takes the latest hit back, if there is any. */
export const giveBack = script(
  prelude,
  `
local q = quota(1)
if q.hits == 0 then return 0 end
if not q.sliding then return redis.call('DECR', q.key) end
local latest
for part in pairs(q.parts) do if not latest or part > latest then latest = part end end
if redis.call('HINCRBY', q.key, latest, -1) < 1 then redis.call('HDEL', q.key, latest) end
return 1`,
);
