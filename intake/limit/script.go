package limit

// countLua counts one in a scope: GCRA, once for the hard limit and once for the
// soft one, in one round trip.
//
//	KEYS[1]  a hash of the moments at which each would be empty again
//	ARGV     the period in seconds, the hard limit, the soft one or 0 for none
//	returns  how many seconds are missing at each; 0 is a place taken
const countLua = `
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local period = tonumber(ARGV[1])

local function take(name, most)
  local empty = math.max(tonumber(redis.call('HGET', KEYS[1], name) or now), now) + period / most
  local missing = empty - period - now
  if missing > 0 then
    return missing
  end
  redis.call('HSET', KEYS[1], name, string.format('%.6f', empty))
  redis.call('PEXPIRE', KEYS[1], period * 1000)
  return 0
end

local hard, soft = take('hard', ARGV[2]), 0
if hard == 0 and ARGV[3] ~= '0' then
  soft = take('soft', ARGV[3])
end
return { tostring(hard), tostring(soft) }
`
