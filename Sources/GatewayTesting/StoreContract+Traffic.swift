import Alerts

extension StoreContract {
    static let trafficCases = [
        Case("what was learned of a source is kept until the source goes") { store in
            try await prepare(store)
            try expectEqual(try await store.trafficProfiles(), [:])
            let profile = learned(spans: 30)
            let none = SourceID("src_none")
            try await store.write([Sample.sourceID: learned(spans: 3), none: profile])
            try await store.write([Sample.sourceID: profile])
            try expectEqual(try await store.trafficProfiles(), [Sample.sourceID: profile])
            try await store.write([:])
            try expectEqual(try await store.trafficProfiles(), [Sample.sourceID: profile])
            _ = try await store.removeSource(Sample.sourceID, at: Sample.at(1))
            try await store.write([Sample.sourceID: profile])
            try expectEqual(try await store.trafficProfiles(), [:])
        },
        Case("whether a source's silence is told is kept with it") { store in
            try await store.insert(Sample.integration(), key: APIKey("BPU-1"))
            var source = Sample.source()
            source.isWatchedForQuiet = false
            try await store.insert(source)
            try expectEqual(try await store.sources(), [source])
            source.isWatchedForQuiet = true
            try await store.update(source)
            try expectEqual(try await store.sources(), [source])
        },
    ]

    /// What is known after some spans, the last of them silent.
    private static func learned(spans: Int) -> TrafficProfile {
        var profile = TrafficProfile()
        for span in 0..<spans {
            let moment = Timestamp(milliseconds: Int64(span) * TrafficProfile.spanSeconds * 1000)
            profile.observe(count: min(span, spans - 2), at: moment)
        }
        return profile
    }
}
