import Alerts

extension StoreContract {
    static let sessionCases = [
        Case("a session is found by its hash and by nothing else") { store in
            try await store.insert(session(1))
            try await store.insert(session(2, at: 1))
            try expectEqual(try await store.session(hash: hash(1)), session(1))
            try expectEqual(try await store.session(hash: hash(3)), nil)
            try expectEqual(try await store.sessions().map(\.id), ["ses_2", "ses_1"])
        },
        Case("the use of a session is noted, and the clock may not turn it back") { store in
            try await store.insert(session(1))
            try await store.insert(session(2, at: 1))
            try await store.noteUse(ofSession: hash(1), at: Sample.at(90))
            try await store.noteUse(ofSession: hash(1), at: Sample.at(30))
            try await store.noteUse(ofSession: hash(3), at: Sample.at(90))
            try expectEqual(
                try await store.session(hash: hash(1))?.lastUsedAt, Sample.at(90))
            try expectEqual(try await store.sessions().map(\.id), ["ses_1", "ses_2"])
        },
        Case("sessions end one by one and all at once") { store in
            for number in 1...4 { try await store.insert(session(UInt8(number))) }
            try expect(try await store.removeSession(hash: hash(2)), "there was none")
            try expect(try await !store.removeSession(hash: hash(2)), "it was still there")
            try expectEqual(try await store.session(hash: hash(2)), nil)
            try expectEqual(try await store.removeAllSessions(), 3)
            try expectEqual(try await store.removeAllSessions(), 0)
            try expectEqual(try await store.sessions(), [])
        },
        Case("a session that is over goes when another is added") { store in
            let idle = Double(Session.idleMax.components.seconds)
            try await store.insert(session(1))
            try await store.insert(session(2, at: 1))
            try await store.insert(session(3, at: idle))
            try expectEqual(try await store.sessions().map(\.id), ["ses_3", "ses_2"])
            let age = Double(Session.ageMax.components.seconds)
            try await store.noteUse(ofSession: hash(2), at: Sample.at(age))
            try await store.noteUse(ofSession: hash(3), at: Sample.at(age))
            try await store.insert(session(4, at: age + 1))
            try expectEqual(try await store.sessions().map(\.id), ["ses_4", "ses_3"])
        },
    ]

    static let activityCases = [
        Case("webhooks are counted by hour and source, refused ones together") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new), Sample.arrival("b", .new, at: 3599),
                Sample.arrival("c", .new, at: 3600),
            ])
            _ = try await store.apply([Sample.arrival("a", at: 3601)])
            let refused = ["a", nil].map { incident in
                RefusedDelivery(
                    reason: .notJSON, receivedAt: Sample.at(3602),
                    sourceID: incident.map { _ in Sample.sourceID }, secretID: nil,
                    request: DeliveryRequest(peer: "192.0.2.1", body: nil))
            }
            try await store.record(refused)
            let taken = Activity.taken(Sample.sourceID)
            let counts = try await store.activity(sinceHour: hour)
            try expectEqual(counts[Activity.Key(taken, hour: hour)], 2)
            try expectEqual(counts[Activity.Key(taken, hour: hour + 1)], 2)
            try expectEqual(counts[Activity.Key(.refused, hour: hour + 1)], 2)
            try expectEqual(counts[Activity.Key(.refused, hour: hour)], nil)
        },
        Case("alerts that begin and cease to fire are counted in their hours") { store in
            try await prepare(store)
            _ = try await store.apply(
                ["a", "b", "c"].map { Sample.arrival($0, .new, changedOn: 0) })
            _ = try await store.apply([
                Sample.arrival("d", .closed, active: false, changedOn: 0),
                Sample.arrival("a", .closed, active: false, changedOn: 1, at: 3700),
            ])
            _ = try await store.resolve(Sample.request("b"), at: Sample.at(3701))
            _ = try await store.apply([
                Sample.arrival("a", .reopen, changedOn: 7200, at: 7201)
            ])
            let counts = try await store.activity(sinceHour: hour)
            let firing = (0...2).map { counts[Activity.Key(.firing, hour: hour + $0)] }
            try expectEqual(firing, [3, -2, 1])
        },
        Case("counts of hours before are left out, and forgotten") { store in
            try await prepare(store)
            for index in 0..<3 {
                _ = try await store.apply([
                    Sample.arrival("\(index)", .new, at: Double(index) * 3600)
                ])
            }
            let later = try await store.activity(sinceHour: hour + 1)
            try expectEqual(Set(later.keys.map(\.hour)), [hour + 1, hour + 2])
            try await store.pruneActivity(beforeHour: hour + 2)
            let left = try await store.activity(sinceHour: 0)
            try expectEqual(Set(left.keys.map(\.hour)), [hour + 2])
        },
    ]

    private static let hour = Sample.start.hour

    private static func hash(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

    private static func session(_ number: UInt8, at seconds: Double = 0) -> Session {
        Session(
            id: "ses_\(number)", hash: hash(number), peer: "192.0.2.\(number)",
            at: Sample.at(seconds))
    }
}
