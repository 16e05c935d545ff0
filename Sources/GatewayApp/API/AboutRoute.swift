import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON

/// `GET /v1/about`: which program this is, since when it runs and where it keeps things.
@LoopActor
final class AboutRoute {
    /// What is told of the store.
    struct Store {
        /// `sqlite` or `postgresql`.
        let kind: String
        let schemaVersion: Int
        /// Where an SQLite store lies.
        var directory: String?

        /// Bytes free there; `nil` when nobody can say.
        var freeBytes: Int? { directory.flatMap { FileIO.freeBytes(at: $0) } }
    }

    private let store: Store
    private let publicURL: String
    private let clock: WallClock
    private let startedAt: Timestamp
    private let started = ContinuousClock.now

    init(store: Store, publicURL: String, clock: WallClock) {
        self.store = store
        self.publicURL = publicURL
        self.clock = clock
        startedAt = clock.now
    }

    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/about") { [self] _, _ in
            .json { json in
                json.object { json in
                    json.member("version", Version.current)
                    json.member("store", store.kind)
                    json.member("schema_version", store.schemaVersion)
                    json.member("public_url", publicURL)
                    json.member("started_at", startedAt)
                    // Not from the two times of day, between which the clock may have been set.
                    json.member(
                        "uptime_seconds", (ContinuousClock.now - started).components.seconds)
                    json.member("at", clock.now)
                }
            }
        }
    }
}
