-- Returns {unit, stamp, …}, nil when there is no view.
if not current then
  return false
end
return redis.call('HGETALL', key(current, 'stamp'))
