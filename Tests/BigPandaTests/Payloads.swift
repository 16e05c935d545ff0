/// The example payloads of docs/bigpanda.md, "Example payloads".
enum Payloads {
    static let new = """
        {
          "event": "incident#new",
          "incident": {
            "id": "681102f731824249f48df555",
            "status": "critical", "severity": "critical",
            "active": true, "flapping": false, "resolved": false,
            "snooze": {"snoozed": false, "end_time": null, "autoCancel": false},
            "startedOn": 1746000000, "changedOn": 1746000030, "updatedOn": 1746000031,
            "endedOn": null,
            "environments": ["63bd568809cb331300ffa555"],
            "folders": ["active", "unhandled"],
            "incidentTags": [
              {"tag_id": "itd_priority_1", "name": "Priority", "tag_value": "P1"}
            ],
            "assignee": null,
            "links": [{"rel": "self", "href":
              "https://api.bigpanda.io/resources/v1.0/incidents/681102f731824249f48df555"}],
            "alerts": [
              {
                "id": "681102f031824249f48df001",
                "status": "critical", "active": true,
                "startedOn": 1746000000, "changedOn": 1746000000, "updatedOn": 1746000000,
                "endedOn": null,
                "primary_property": "host", "secondary_property": "check",
                "source_system": "nagios.nagios_east",
                "description": "CPU above 95 % for 5 minutes",
                "tags": [{"name": "host", "value": "db-prod-1"}, {"name": "check", "value": "cpu"},
                  {"name": "cluster", "value": "db-prod"}]
              }
            ]
          }
        }
        """

    static let closed = """
        {
          "event": "incident#closed",
          "incident": {
            "id": "681102f731824249f48df555",
            "status": "ok", "severity": "critical",
            "active": false, "flapping": false, "resolved": true,
            "snooze": {"snoozed": false, "end_time": null, "autoCancel": false},
            "startedOn": 1746000000, "changedOn": 1746003600, "updatedOn": 1746003601,
            "endedOn": 1746003600,
            "environments": ["63bd568809cb331300ffa555"],
            "folders": ["resolved", "shared"],
            "alerts": [
              {
                "id": "681102f031824249f48df001", "status": "ok", "active": false,
                "startedOn": 1746000000, "changedOn": 1746003600, "updatedOn": 1746003600,
                "endedOn": 1746003600,
                "primary_property": "host", "secondary_property": "check",
                "source_system": "nagios.nagios_east",
                "description": "CPU back to 20 %",
                "tags": [{"name": "host", "value": "db-prod-1"}, {"name": "check", "value": "cpu"}]
              }
            ]
          }
        }
        """

    static let reopen = """
        {
          "event": "incident#reopen",
          "incident": {
            "id": "681102f731824249f48df555",
            "status": "warning", "severity": "critical",
            "active": true, "flapping": false, "resolved": false,
            "snooze": {"snoozed": false},
            "startedOn": 1746000000, "changedOn": 1746007200, "updatedOn": 1746007200,
            "endedOn": null,
            "environments": ["63bd568809cb331300ffa555"],
            "alerts": [
              {"id": "681102f031824249f48df001", "status": "warning", "active": true,
               "startedOn": 1746000000, "changedOn": 1746007200, "updatedOn": 1746007200,
               "endedOn": null, "primary_property": "host", "secondary_property": "check",
               "source_system": "nagios.nagios_east",
               "tags": [{"name": "host", "value": "db-prod-1"}, {"name": "check", "value": "cpu"}]}
            ]
          }
        }
        """

    static let bare = """
        {"id": "681102f731824249f48df555", "status": "Critical", "severity": "Critical",
         "active": false, "flapping": false, "startedOn": "1746000000",
         "changedOn": "1746003600", "endedOn": "1746003600",
         "event_type": "manual", "alerts": [{"alertId": "681102f031824249f48df001"}]}
        """

    /// A template of the v2 webhook, and the same once filled in.
    static let template = """
        {"event":"incident#closed","environment_id":"63bd568809cb331300ffa555",
         "incident":{"id":"681102f731824249f48df555","updated_at":"1746003601"}}
        """

    /// An incident as the v2 API gives it.
    static let v2 = """
        {"id":"681102f731824249f48df555","status":"Critical","severity":"Critical","active":true,
         "flapping":false,"shared":true,
         "snooze":{"snoozed":false,"end_time":null,"cancel_on_incident_updates":null},
         "maintenance":null,
         "start":1746000000,"changed_at":1746000030,"updated_at":1746000031,"end":null,
         "alerts":[{"alert_id":"681102f031824249f48df001"}],
         "environments":["63bd568809cb331300ffa555"],"folders":["active","shared"],
         "incident_tags":[{"tag_id":"itd_priority_1","tag_value":"P1"}],
         "correlation_matchers_log":[],"assignee":null,"assigner":null}
        """
}
