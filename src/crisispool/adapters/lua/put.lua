-- ARGV 2: unit; 3: stamp; 4: operation whose claim ends ("" is none); then the names of the unit's bitmaps.
-- Returns 1 when written, 0 when older than what is there, nil when there is no view.
if not current then
  return false
end
local unit, stamp, operation = ARGV[2], ARGV[3], ARGV[4]

local there = redis.call('HGET', key(current, 'stamp'), unit)
local older = there and version_of(stamp) < version_of(there)

local held = {}
for _, claim in ipairs(claims()) do
  if claim.unit == unit then
    local own = claim.operation == operation
    if own and older then
      -- The newer news left these nights out because of this claim: let `expired` ask for the unit once more.
      redis.call('ZADD', CLAIMS, 0, claim.member)
    elseif not older and (own or not claim.live) then
      redis.call('ZREM', CLAIMS, claim.member)
    else
      for _, night in ipairs(claim.nights) do
        held[night] = true
      end
    end
  end
end
if older then
  return 0
end

local slot = redis.call('HGET', key(current, 'slot'), unit)
if not slot then
  slot = redis.call('HLEN', key(current, 'slot'))
  redis.call('HSET', key(current, 'slot'), unit, slot)
  redis.call('HSET', key(current, 'id'), slot, unit)
end
redis.call('HSET', key(current, 'stamp'), unit, stamp)

local wanted = {}
for i = 5, #ARGV do
  if not held[ARGV[i]] then
    wanted[ARGV[i]] = 1
    redis.call('SADD', key(current, 'names'), ARGV[i])
  end
end
for _, name in ipairs(redis.call('SMEMBERS', key(current, 'names'))) do
  set_bit(key(current, name), slot, wanted[name] or 0)
end
return 1
