-- For wrk: asks for the addresses given after `--` in turn, `pause` milliseconds apart on each connection, and counts
-- what nginx's cache said and what was answered. Prints one line of JSON at the end.
local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   pause, paths, turn = tonumber(args[1]), {}, 0
   caches, statuses = {}, {}
   for at = 2, #args do paths[at - 1] = args[at] end
end

function delay()
   return pause
end

function request()
   turn = turn % #paths + 1
   return wrk.format("GET", paths[turn], { ["Accept-Encoding"] = "gzip, deflate, br", ["Host"] = wrk.headers["Host"] })
end

function response(status, headers)
   local cache = headers["X-Cache"] or headers["x-cache"] or "none"
   caches[cache] = (caches[cache] or 0) + 1
   statuses[status] = (statuses[status] or 0) + 1
end

local function as_json(counts)
   local parts = {}
   for name, count in pairs(counts) do table.insert(parts, string.format('"%s":%d', name, count)) end
   return "{" .. table.concat(parts, ",") .. "}"
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format(
      '\nJSON {"requests":%d,"seconds":%.3f,"broken":%d,"p50":%.3f,"p99":%.3f,"most":%.3f,"caches":%s,"statuses":%s}\n',
      summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.timeout,
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
      as_json(threads[1]:get("caches")), as_json(threads[1]:get("statuses"))))
end
