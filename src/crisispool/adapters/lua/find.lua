-- ARGV 2: how many bitmaps must all be set; then their names; then the names of those that must not be set.
-- Returns unit ids in slot order, nil when there is no view.
if not current then
  return false
end

local asked = tonumber(ARGV[2])
local must, never = {}, {}
for i = 3, #ARGV do
  local list = i < 3 + asked and must or never
  list[#list + 1] = key(current, ARGV[i])
end

-- The two bitmaps below are gone before anybody can see them: a search writes nothing to the log or a replica.
redis.set_repl(redis.REPL_NONE)
local found, avoided = key(current, 'found'), key(current, 'avoided')
redis.call('BITOP', 'AND', found, unpack(must))
if #never > 0 then
  -- found XOR (found AND avoided): NOT would stop at the end of the shorter bitmap.
  redis.call('BITOP', 'OR', avoided, unpack(never))
  redis.call('BITOP', 'AND', avoided, avoided, found)
  redis.call('BITOP', 'XOR', found, found, avoided)
end
local bits = redis.call('GET', found) or ''
redis.call('DEL', found, avoided)

local slots = {}
for i = 1, #bits do
  local byte = string.byte(bits, i)
  if byte > 0 then
    for bit_in_byte = 0, 7 do
      if bit.band(byte, bit.rshift(128, bit_in_byte)) > 0 then
        slots[#slots + 1] = (i - 1) * 8 + bit_in_byte
      end
    end
  end
end

local ids = {}
for first = 1, #slots, 1000 do
  local last = math.min(first + 999, #slots)
  for _, id in ipairs(redis.call('HMGET', key(current, 'id'), unpack(slots, first, last))) do
    ids[#ids + 1] = id
  end
end
return ids
