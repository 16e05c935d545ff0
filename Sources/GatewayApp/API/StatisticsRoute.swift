import AlertJSON
import Alerts
import EventLoop
import HTTPServer
import JSON

/// `GET /v1/statistics`: the last 24 hours in figures, for pictures.
@LoopActor
final class StatisticsRoute {
    private let store: any AlertStore & ActivityStore
    private let clock: WallClock
    private var last: (response: HTTPResponse, at: ContinuousClock.Instant)?

    init(store: any AlertStore & ActivityStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    func add(to routes: inout AdminRoutes) {
        routes.add("/v1/statistics") { [self] _, _ in try await response() }
    }

    private func response() async throws(StoreError) -> HTTPResponse {
        if let last, .now - last.at < Limits.statisticsAgeMax { return last.response }
        let now = clock.now
        let statistics = try await store.statistics()
        let first = now.hour - Self.hoursCount + 1
        let day = DayOfActivity(
            try await store.activity(sinceHour: first), firstHour: first,
            hoursCount: Int(Self.hoursCount), firingNow: statistics.alerts[.firing] ?? 0)
        let response = HTTPResponse.json { $0.statistics(statistics, day, at: now) }
        last = (response, .now)
        return response
    }

    private static let hoursCount: Int64 = 24
}

/// What happened in each of some hours, the last of which is not over.
struct DayOfActivity: Equatable {
    /// One hour.
    struct Hour: Equatable {
        let startsAt: Timestamp
        var webhooks = 0
        var refused = 0
        /// Alerts that fired when the hour ended, or fire now.
        var firing = 0
    }

    private(set) var hours: [Hour]
    /// The webhooks of each source that had any, hour by hour.
    private(set) var sources: [SourceID: [Int]] = [:]

    /// Adds counts up; from those that fire now it is counted back to those that did before.
    init(
        _ counts: [Activity.Key: Int64], firstHour: Int64, hoursCount: Int, firingNow: Int
    ) {
        hours = (0..<hoursCount).map {
            Hour(startsAt: Timestamp(hour: firstHour + Int64($0)))
        }
        var differences = [Int](repeating: 0, count: hoursCount)
        for (key, value) in counts {
            let index = Int(clamping: key.hour - firstHour)
            // The clock may have been set back since.
            guard hours.indices.contains(index) else { continue }
            let value = Int(clamping: value)
            switch key.activity {
            case .firing: differences[index] += value
            case .refused: hours[index].refused += value
            case .taken(let source):
                hours[index].webhooks += value
                sources[source, default: [Int](repeating: 0, count: hoursCount)][index] += value
            }
        }
        var firing = firingNow
        for index in hours.indices.reversed() {
            hours[index].firing = max(0, firing)
            firing -= differences[index]
        }
    }
}

extension JSONWriter {
    fileprivate mutating func statistics(
        _ statistics: StoreStatistics, _ day: DayOfActivity, at now: Timestamp
    ) {
        object { json in
            json.member("at", now)
            json.name("alerts")
            json.object { json in
                for status in AlertStatus.allCases {
                    json.member(status.rawValue, statistics.alerts[status] ?? 0)
                }
            }
            json.name("closes")
            json.object { json in
                for state in CloseState.allCases {
                    json.member(state.rawValue, statistics.closes[state] ?? 0)
                }
            }
            json.member("oldest_owed_close_at", statistics.oldestOwedClose)
            json.name("hours")
            json.array { json in
                for hour in day.hours { json.hour(hour) }
            }
            json.name("sources")
            json.array { json in
                for (source, counts) in day.sources.sorted(by: { $0.key < $1.key }) {
                    json.object { json in
                        json.member("source_id", source.text)
                        json.name("webhooks")
                        json.array { json in
                            for count in counts { json.value(count) }
                        }
                    }
                }
            }
        }
    }

    private mutating func hour(_ hour: DayOfActivity.Hour) {
        object { json in
            json.member("starts_at", hour.startsAt)
            json.member("webhooks", hour.webhooks)
            json.member("refused", hour.refused)
            json.member("firing", hour.firing)
        }
    }
}
