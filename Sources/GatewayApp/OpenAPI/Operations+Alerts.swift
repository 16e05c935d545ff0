import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/alerts`.
    static var alertOperations: [Operation] {
        let word = "alerts"
        return [
            Operation(
                .get, "/v1/alerts", id: "listAlerts", tag: word, "Alerts, newest change first"
            )
            .paged()
            .query("status", filter(AlertStatus.allCases.map(\.rawValue)), "Only these.")
            .query("source_id", Schema.text, "Only those of this source.")
            .query("severity", Schema.text, "Only those of this severity, in any case.")
            .query("incident_id", Schema.text, "Only the one of this incident.")
            .query("q", Schema.text, "Only those in which this text stands.")
            .query("include", filter(["canary"]), "The alerts of canaries as well.")
            .answers(
                .ok, "A page of alerts", Schema.page(of: "Alert"),
                example: Examples.page(of: Examples.alert)
            )
            .refusesAsAdmin(Operation.badPage + ["invalid_filter"]),
            Operation(
                .get, "/v1/alerts/{id}", id: "getAlert", tag: word,
                "An alert, its close and its timeline"
            )
            .answers(
                .ok, "The alert", Schema.named("AlertWithTimeline"),
                example: Examples.alertWithTimeline
            )
            .refusesAsAdmin().refuses(.notFound, ["not_found"]),
            Operation(
                .post, "/v1/alerts/{id}/resolve", id: "resolveAlert", tag: word,
                "Resolve an alert and close its incident"
            )
            .body(
                Schema.wish([
                    "comment": Schema.text(upTo: Limits.commentCharactersMax, orNull: true)
                ]),
                isRequired: false, example: ["comment": "Restarted it."]
            )
            .answers(
                .ok, "The alert, resolved; the same on repeats",
                Schema.named("AlertWithTimeline"), example: Examples.alertWithTimeline
            )
            .refusesAsAdmin(Operation.badBody, needs: .operator).refusesBody()
            .refuses(.notFound, ["not_found"])
            .refuses(.conflict, ["conflict"]),
        ]
    }

    /// `/v1/closes`.
    static var closeOperations: [Operation] {
        let states = filter(CloseState.allCases.map(\.rawValue))
        return [
            Operation(.get, "/v1/closes", id: "listCloses", tag: "closes", "Closes, newest first")
                .paged()
                .query("state", states, "Only those in this state.")
                .answers(
                    .ok, "A page of closes", Schema.page(of: "Close"),
                    example: Examples.page(of: Examples.close)
                )
                .refusesAsAdmin(Operation.badPage + ["invalid_filter"]),
            changeOfClose("retry", "Make a close due now"),
            changeOfClose("cancel", "Give a close up"),
        ]
    }

    private static func changeOfClose(_ verb: String, _ summary: String) -> Operation {
        Operation(
            .post, "/v1/closes/{id}/\(verb)", id: "\(verb)Close", tag: "closes", summary
        )
        .answers(.ok, "The close", Schema.named("Close"), example: Examples.close)
        .refusesAsAdmin(needs: .operator).refuses(.notFound, ["not_found"])
        .refuses(
            .conflict, ["already_confirmed", "alert_is_firing", "superseded", "conflict"])
    }

    /// The values of a filter; an empty one counts as left out.
    static func filter(_ words: [String]) -> JSONTree { Schema.word(words + [""]) }
}
