// Of each shard, all in one cluster slot: KEYS[1] m, a hash with the highest version, the identity of the ledger and how
// many shards there are; KEYS[2] d, key → newest record; KEYS[3] p, key → pinned record, a merge that was claimed; KEYS[4] q,
// key by when it is due; KEYS[5] f, key in flight by the end of its lease; KEYS[6] c, key → claim; KEYS[7] x, dead letters;
// KEYS[8] to [10] o0 to o2, operations by name, in turns; KEYS[11] l, key → token of its read lease; KEYS[12] e, key by the
// end of that. A key is in q or in f if it is in d or p, and never in both.
// A record is 'version first op\npayload'; `first` is the version of its first write that nobody has claimed.
// A claim is 'token version first tried attempts\nerror'; its token is '-' once it has ended.
// Versions are microseconds: a double holds them exactly until 2255.

/** What a shard's keys end with, in their order as KEYS. */
export const places = ['m', 'd', 'p', 'q', 'f', 'c', 'x', 'o0', 'o1', 'o2', 'l', 'e'] as const;

/** Milliseconds for which operations go into one hash: they are known for one to two turns, longer than a write is tried. */
export const turn = 7_000;

/** What scripts have in common. */
export const prelude = `
local M, D, P, Q, F, C, X, L, E = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[11], KEYS[12]
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
