-- Returns the units that have a claim past its deadline, nil when there is no view.
if not current then
  return false
end
local units, seen = {}, {}
for _, claim in ipairs(claims()) do
  if not claim.live and not seen[claim.unit] then
    seen[claim.unit] = true
    units[#units + 1] = claim.unit
  end
end
return units
