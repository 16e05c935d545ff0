-- What a run came to, as one line of JSON; the scripts of wrk share it.
function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"seconds":%f,"answers":%d,"refused":%d,"broken":%d,"body_bytes":%d,'
      .. '"p50_us":%d,"p99_us":%d}\n',
    summary.duration / 1e6, summary.requests, errors.status, broken, body_bytes(),
    latency:percentile(50), latency:percentile(99)))
end
