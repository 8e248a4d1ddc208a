-- What every script starts with: the keys, the current epoch, the claims, one bit.
-- Only commands that Redis 6.2 knows.
local EPOCH, CLAIMS, ROOT = KEYS[1], KEYS[2], ARGV[1]
local current = redis.call('GET', EPOCH)

local function key(epoch, name)
  return ROOT .. epoch .. ':' .. name
end

-- Milliseconds on the server's own clock: claims last seconds in real time, whatever a training clock says.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- All claims, also those that ran out. There are few: each lasts until its booking is written.
local function claims()
  local found, moment = {}, now()
  local flat = redis.call('ZRANGE', CLAIMS, 0, -1, 'WITHSCORES')
  for i = 1, #flat, 2 do
    local claim = cjson.decode(flat[i])
    found[#found + 1] = {
      member = flat[i], unit = claim[1], operation = claim[2], nights = claim[3],
      live = tonumber(flat[i + 1]) > moment,
    }
  end
  return found
end

-- A stamp is a version and the night that the unit's nights count from: "12 2026-11-27".
local function version_of(stamp)
  return tonumber(string.match(stamp, '^%d+'))
end

-- Reads before it writes, so that only what changes is replicated and logged.
local function set_bit(bitmap, slot, value)
  if redis.call('GETBIT', bitmap, slot) ~= value then
    redis.call('SETBIT', bitmap, slot, value)
  end
end

local function as_map(flat)
  local map = {}
  for i = 1, #flat, 2 do
    map[flat[i]] = flat[i + 1]
  end
  return map
end

local function unlink(epoch)
  for _, name in ipairs(redis.call('SMEMBERS', key(epoch, 'names'))) do
    redis.call('UNLINK', key(epoch, name))
  end
  redis.call('UNLINK', key(epoch, 'names'), key(epoch, 'slot'), key(epoch, 'id'), key(epoch, 'stamp'))
end

