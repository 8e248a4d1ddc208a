-- KEYS 3: where this operation's answer is kept. ARGV 2: operation; 3: milliseconds until the deadline;
-- 4: seconds the answer is kept; 5: how many bitmaps of nights; then their names; then unit ids, best first.
-- Returns the unit id, "" when none is free, nil when there is no view.
local operation, lasts, kept, count = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

local known = redis.call('GET', KEYS[3])
if known then
  return known
end
if not current then
  return false
end

local nights = {}
for i = 6, 5 + count do
  nights[#nights + 1] = ARGV[i]
end

local function free(slot)
  for _, night in ipairs(nights) do
    if redis.call('GETBIT', key(current, night), slot) == 0 then
      return false
    end
  end
  return true
end

local taken = ''
for i = 6 + count, #ARGV do
  local slot = redis.call('HGET', key(current, 'slot'), ARGV[i])
  if slot and free(slot) then
    taken = ARGV[i]
    for _, night in ipairs(nights) do
      set_bit(key(current, night), slot, 0)
    end
    redis.call('ZADD', CLAIMS, now() + lasts, cjson.encode({taken, operation, nights}))
    break
  end
end
redis.call('SET', KEYS[3], taken, 'EX', kept)
return taken
