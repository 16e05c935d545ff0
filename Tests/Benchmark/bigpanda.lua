-- Webhooks of about 1.2 KB as BigPanda sends them: four new incidents, then an update of the last.
--
-- BENCH_STORED and BENCH_STORED_RUN: updates are of any of so many incidents of an earlier run.
-- BENCH_NEW: so many new incidents, and then no more requests at all.
-- BENCH_ALERTS: incidents have so many alerts more, each of about 0.8 KB.
local secret = os.getenv("BENCH_SECRET")
local run = os.getenv("BENCH_RUN")
local stored = tonumber(os.getenv("BENCH_STORED") or "0")
local stored_run = os.getenv("BENCH_STORED_RUN")
local new_max = tonumber(os.getenv("BENCH_NEW") or "0")
local alerts_more = tonumber(os.getenv("BENCH_ALERTS") or "0")
local forever_ms = 86400000
-- Later than all of the earlier run, so that updates are none of the past.
local epoch = 1790000000 + stored
local threads = 0
local sent = 0

local alert = [[{"id":"a%s",]]
  .. [["status":"critical","description":"CPU load is above 95 %% on this host for five minutes",]]
  .. [["primaryProperty":"host","secondaryProperty":"check","source_system":"nagios.main",]]
  .. [["startedOn":%d,"changedOn":%d,"tags":[{"name":"host","value":"db-%d.prod.example.org"},]]
  .. [[{"name":"check","value":"cpu"},{"name":"cluster","value":"payments-eu-west-1"},]]
  .. [[{"name":"runbook","value":"https://runbooks.example.org/cpu-load"},]]
  .. [[{"name":"description","value":"CPU load is above 95 %% on this host for five minutes; the ]]
  .. [[runbook says what to look at first, what to do next, and whom to call"},]]
  .. [[{"name":"service","value":"checkout"},{"name":"region","value":"eu-west-1"},]]
  .. [[{"name":"owner","value":"sre-payments@example.org"}]}]]
local head = [[{"event":"%s","incident":{"id":"%s","status":"critical","severity":"critical",]]
  .. [["active":true,"flapping":false,"snooze":{"snoozed":false},"startedOn":%d,"changedOn":%d,]]
  .. [["updatedOn":%d,"environments":["63bd568809cb331300ffa555"],"incidentTags":[]]
  .. [[{"id":"priority","value":"P1"},{"id":"team","value":"payments"}],"alerts":[]]
local foot = [[],"links":{"self":"https://a.bigpanda.io/#/app/incidents/%s"}}}]]
local fields = { ["Authorization"] = "Bearer " .. secret, ["Content-Type"] = "application/json" }

local more = ""
for index = 1, alerts_more do
  local id = string.format("%024x", index * 7919)
  more = more .. "," .. string.format(alert, id, epoch, epoch, index)
end
-- One text with one place for everything that differs; what else has a % in it stands behind.
local form = head .. alert .. string.gsub(more, "%%", "%%%%") .. foot

local function body(name, incident)
  local at = epoch + sent
  return string.format(
    form, name, incident, at, at, at, incident, at, at, sent, incident)
end

function body_bytes()
  return #body("incident#new", string.format("%s%02x%012x", run, 1, 1))
end

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local function stored_incident()
  return string.format("%s%02x%012x", stored_run, 1, math.random(stored))
end

function request()
  sent = sent + 1
  local incident = string.format("%s%02x%012x", run, number, sent)
  local name = "incident#new"
  if sent % 5 == 0 and new_max == 0 then
    name = "incident#updated"
    incident = stored > 0 and stored_incident()
      or string.format("%s%02x%012x", run, number, sent - 1)
  end
  return wrk.format("POST", nil, fields, body(name, incident))
end

if new_max > 0 then
  local asked = 0
  -- Asked for before each request.
  function delay()
    asked = asked + 1
    return asked > new_max and forever_ms or 0
  end
end

dofile(os.getenv("BENCH_DIRECTORY") .. "/report.lua")
