-- Webhooks of about 1.2 KB as BigPanda sends them: four new incidents, then an update of the last.
local secret = os.getenv("BENCH_SECRET")
local run = os.getenv("BENCH_RUN")
local threads = 0
local sent = 0

local body = [[{"event":"%s","incident":{"id":"%s","status":"critical","severity":"critical",]]
  .. [["active":true,"flapping":false,"snooze":{"snoozed":false},"startedOn":%d,"changedOn":%d,]]
  .. [["updatedOn":%d,"environments":["63bd568809cb331300ffa555"],"incidentTags":[]]
  .. [[{"id":"priority","value":"P1"},{"id":"team","value":"payments"}],"alerts":[{"id":"a%s",]]
  .. [["status":"critical","description":"CPU load is above 95 %% on this host for five minutes",]]
  .. [["primaryProperty":"host","secondaryProperty":"check","source_system":"nagios.main",]]
  .. [["startedOn":%d,"changedOn":%d,"tags":[{"name":"host","value":"db-%d.prod.example.org"},]]
  .. [[{"name":"check","value":"cpu"},{"name":"cluster","value":"payments-eu-west-1"},]]
  .. [[{"name":"runbook","value":"https://runbooks.example.org/cpu-load"},]]
  .. [[{"name":"description","value":"CPU load is above 95 %% on this host for five minutes; the ]]
  .. [[runbook says what to look at first, what to do next, and whom to call"},]]
  .. [[{"name":"service","value":"checkout"},{"name":"region","value":"eu-west-1"},]]
  .. [[{"name":"owner","value":"sre-payments@example.org"}]}],]]
  .. [["links":{"self":"https://a.bigpanda.io/#/app/incidents/%s"}}}]]
local fields = { ["Authorization"] = "Bearer " .. secret, ["Content-Type"] = "application/json" }

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function request()
  sent = sent + 1
  local is_update = sent % 5 == 0
  local incident = string.format("%s%02x%012x", run, number, is_update and sent - 1 or sent)
  local at = 1790000000 + sent
  local name = is_update and "incident#updated" or "incident#new"
  local text = string.format(
    body, name, incident, at, at, at, incident, at, at, sent, incident)
  return wrk.format("POST", nil, fields, text)
end

local function report(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"seconds":%f,"answers":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.duration / 1e6, summary.requests, errors.status, broken,
    latency:percentile(50), latency:percentile(99)))
end

done = report
