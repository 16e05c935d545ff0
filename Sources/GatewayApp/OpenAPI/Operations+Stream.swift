import Alerts
import HTTPServer
import JSON

extension OpenAPIDocument {
    /// `/v1/stream`.
    static var streamOperation: Operation {
        Operation(
            .get, "/v1/stream", id: "readStream", tag: "stream",
            "Server-sent events, one for each thing that changed"
        )
        .query(
            "kinds", ["type": "string", "examples": ["alert,close"]],
            "Only events of these kinds: some of \(kinds), with commas between."
        )
        .query(
            "last_event_id", Schema.text,
            "As `Last-Event-ID`, for clients that can't set a field; the field wins."
        )
        .header(
            "Last-Event-ID", Schema.text,
            "The `id` of the last event that was read: what changed since is told first."
        )
        .answersText(
            """
            Events without end. `event` is the kind (\(kinds)), `data` the object as lists show \
            it, `id` a growing number. An object that changed often is told as it is by then. \
            `removed` names an integration that is gone (`{"kind":"integration","id":"…"}`); \
            `reset` says that events were passed over, so that everything has to be loaded anew.
            """, "text/event-stream", example: example
        )
        .refusesAsAdmin(["invalid_filter"], unavailable: ["store_unavailable", "too_many_streams"])
    }

    private static var kinds: String {
        Change.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    }

    private static let example = """
        retry: 2000

        id: 4711
        event: close
        data: {"id":"cls_01HZX3","state":"confirmed"}

        """
}
