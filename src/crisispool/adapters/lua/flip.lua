-- ARGV 2: the epoch that was built; 3: how many units, 4: how many bitmaps it must have;
-- 5: 1 when the current view is wrong, however new it says it is.
-- Returns 1, nil when part of it got lost before the flip (the server was emptied meanwhile).
local built = ARGV[2]
if current == built then
  return 1 -- a repeat after a lost answer
end

local function whole()
  if redis.call('HLEN', key(built, 'slot')) ~= tonumber(ARGV[3])
    or redis.call('HLEN', key(built, 'id')) ~= tonumber(ARGV[3])
    or redis.call('HLEN', key(built, 'stamp')) ~= tonumber(ARGV[3])
    or redis.call('SCARD', key(built, 'names')) ~= tonumber(ARGV[4]) then
    return false
  end
  for _, name in ipairs(redis.call('SMEMBERS', key(built, 'names'))) do
    if redis.call('PERSIST', key(built, name)) == 0 then
      return false
    end
  end
  for _, name in ipairs({'names', 'slot', 'id', 'stamp'}) do
    redis.call('PERSIST', key(built, name))
  end
  return true
end

if not whole() then
  unlink(built)
  return false
end

local slots = as_map(redis.call('HGETALL', key(built, 'slot')))

-- News put after the record was read for this build is newer than the build: it comes along.
if current and ARGV[5] ~= '1' then
  local stamps = as_map(redis.call('HGETALL', key(built, 'stamp')))
  local old_slots = as_map(redis.call('HGETALL', key(current, 'slot')))
  for unit, stamp in pairs(as_map(redis.call('HGETALL', key(current, 'stamp')))) do
    if stamps[unit] and version_of(stamp) > version_of(stamps[unit]) then
      redis.call('HSET', key(built, 'stamp'), unit, stamp)
      for _, name in ipairs(redis.call('SMEMBERS', key(built, 'names'))) do
        set_bit(key(built, name), slots[unit], 0)
      end
      for _, name in ipairs(redis.call('SMEMBERS', key(current, 'names'))) do
        if redis.call('GETBIT', key(current, name), old_slots[unit]) == 1 then
          redis.call('SADD', key(built, 'names'), name)
          set_bit(key(built, name), slots[unit], 1)
        end
      end
    end
  end
end

-- A claim that ran out stays too: nights left out because of it may just have come along, `expired` asks for them.
for _, claim in ipairs(claims()) do
  local slot = slots[claim.unit]
  if not slot then
    redis.call('ZREM', CLAIMS, claim.member)
  elseif claim.live then
    for _, night in ipairs(claim.nights) do
      set_bit(key(built, night), slot, 0)
    end
  end
end

redis.call('SET', EPOCH, built)
if current then
  unlink(current)
end
return 1
