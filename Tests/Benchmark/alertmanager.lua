-- Alerts of the same size for Alertmanager's API: four new ones, then a repeat of the last.
local run = os.getenv("BENCH_RUN")
local threads = 0
local sent = 0

local form = [=[[{"labels":{"alertname":"cpu","incident":"%s","host":"db-%d.prod.example.org",]=]
  .. [["check":"cpu","cluster":"payments-eu-west-1","service":"checkout","region":"eu-west-1",]]
  .. [["owner":"sre-payments@example.org","severity":"critical","priority":"P1","team":"payments",]]
  .. [["environment":"63bd568809cb331300ffa555","source_system":"nagios.main"},"annotations":{]]
  .. [["description":"CPU load is above 95 %% on this host for five minutes; the runbook says ]]
  .. [[what to look at first, what to do next, and whom to call","summary":"CPU load is above ]]
  .. [[95 %% on this host for five minutes","runbook":"https://runbooks.example.org/cpu-load",]]
  .. [["link":"https://a.bigpanda.io/#/app/incidents/%s","detail":"%s"},]]
  .. [=["generatorURL":"https://a.bigpanda.io/#/app/incidents/%s"}]]=]
local detail = string.rep("nagios.main reported it; ", 14)

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local function body(incident)
  return string.format(form, incident, sent, incident, detail, incident)
end

function body_bytes()
  return #body(string.format("%s%02x%012x", run, 1, 1))
end

function request()
  sent = sent + 1
  local incident = string.format(
    "%s%02x%012x", run, number, sent % 5 == 0 and sent - 1 or sent)
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body(incident))
end

dofile(os.getenv("BENCH_DIRECTORY") .. "/report.lua")
