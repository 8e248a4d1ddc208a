-- Returns {unit, slot, …}, {unit, stamp, …}, names of bitmaps, their bytes; nil when there is no view.
if not current then
  return false
end
local names, bitmaps = redis.call('SMEMBERS', key(current, 'names')), {}
for i, name in ipairs(names) do
  bitmaps[i] = redis.call('GET', key(current, name)) or ''
end
return {
  redis.call('HGETALL', key(current, 'slot')), redis.call('HGETALL', key(current, 'stamp')), names, bitmaps,
}
