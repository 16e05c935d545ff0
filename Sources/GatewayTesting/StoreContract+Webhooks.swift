import Alerts
import Synchronization

extension StoreContract {
    static let webhookCases = [
        Case("a batch is answered in its order") { store in
            try await prepare(store)
            let results = try await store.apply([
                Sample.arrival("b", .new), Sample.arrival("a", .new),
                Sample.arrival("c", .closed, active: false),
            ])
            try expectEqual(results.map(\.alertID), ["b", "a", "c"].map { Sample.alertID($0) })
            try expectEqual(results.map(\.outcome), [.created, .created, .created])
            try expectEqual(results.map(\.status), [.firing, .firing, .resolved])
        },
        Case("webhooks are asked for once, and none are nothing") { store in
            try await prepare(store)
            let asked = Atomic(0)
            let results = try await store.apply {
                asked.add(1, ordering: .relaxed)
                return [Sample.arrival("a", .new), Sample.arrival("b", .new)]
            }
            try expectEqual(results.map(\.outcome), [.created, .created])
            try expectEqual(asked.load(ordering: .relaxed), 1)
            let before = try await store.statistics()
            try expectEqual(try await store.apply { [] }.count, 0)
            try expectEqual(try await store.statistics(), before)
        },
        Case("webhooks about one incident in one batch build on each other") { store in
            try await prepare(store)
            let results = try await store.apply([
                Sample.arrival("a", .new, changedOn: 1, fingerprint: 1),
                Sample.arrival("b", .new),
                Sample.arrival("a", .new, changedOn: 1, fingerprint: 1),
                Sample.arrival("a", .closed, active: false, changedOn: 3),
                Sample.arrival("a", changedOn: 2),
                Sample.arrival("a", .reopen, changedOn: 4),
            ])
            try expectEqual(
                results.map(\.outcome),
                [.created, .created, .duplicate, .resolved, .ignoredStale, .refired])
            try expectEqual(Set(results.map(\.alertID)).count, 2)
            let timeline = try await store.timeline(of: Sample.alertID("a"), limit: 10)
            try expectEqual(
                timeline.map(\.outcome),
                [.created, .duplicate, .resolved, .ignoredStale, .refired])
        },
        Case("webhooks in later batches find the alert again") { store in
            try await prepare(store)
            _ = try await store.apply([Sample.arrival("a", .new, changedOn: 5, fingerprint: 1)])
            let results = try await store.apply([
                Sample.arrival("a", .new, changedOn: 5, fingerprint: 1),
                Sample.arrival("a", changedOn: 4),
            ])
            try expectEqual(results.map(\.outcome), [.duplicate, .ignoredStale])
        },
        Case("the same incident in two sources is two alerts") { store in
            try await prepare(store)
            let second = SourceID("src_2")
            try await store.insert(Sample.source(second, name: "Other", secret: SecretID("s2")))
            let results = try await store.apply([
                Sample.arrival("a", .new), Sample.arrival("a", .new, source: second),
            ])
            try expectEqual(results.map(\.outcome), [.created, .created])
            try expect(results[0].alertID != results[1].alertID, "one alert for two sources")
        },
        Case("everything that a webhook carries comes back") { store in
            try await prepare(store)
            let arrival = fullArrival
            let subject = AlertMachine.apply(
                arrival.event, to: nil, sourceID: arrival.sourceID,
                newAlertID: arrival.newAlertID, at: arrival.receivedAt
            ).subject
            _ = try await store.apply([arrival])
            try expectEqual(try await store.alert(arrival.newAlertID), subject)
            _ = try await store.apply([Sample.arrival("full", active: nil, at: 3)])
            let updated = try unwrap(try await store.alert(arrival.newAlertID))
            try expectEqual(updated.alert.tags, subject.alert.tags)
            try expectEqual(updated.alert.updatedAt, Sample.at(3))
        },
        Case("a batch that names an unknown source changes nothing") { store in
            try await prepare(store)
            let error = try await expectError {
                _ = try await store.apply([
                    Sample.arrival("a", .new),
                    Sample.arrival("b", .new, source: SourceID("src_unknown")),
                ])
            }
            try expectEqual(error.kind, .conflict)
            try expect(!error.isRetryable, "an unknown source passes by itself")
            try expectEqual(try await store.alert(Sample.alertID("a")), nil)
            try expectEqual(try await store.statistics(), StoreStatistics())
        },
        Case("webhooks are counted at their source and secret") { store in
            try await prepare(store)
            _ = try await store.apply([
                Sample.arrival("a", .new, at: 1), Sample.arrival("b", .new, at: 2),
            ])
            _ = try await store.apply([Sample.arrival("a", at: 5)])
            let source = try unwrap(try await store.sources().first)
            try expectEqual(source.deliveryCount, 3)
            try expectEqual(source.lastDeliveryAt, Sample.at(5))
            try expectEqual(source.secrets.map(\.lastUsedAt), [Sample.at(5)])
        },
        Case("an empty batch is no error") { store in
            try expectEqual(try await store.apply([]), [])
        },
    ]

    private static var fullArrival: WebhookArrival {
        Sample.arrival("full", .new, changedOn: 1) { event in
            event.times.updatedOn = Sample.at(2)
            event.title = "Disk „/var“ full\u{0}\n🔥"
            event.summary = ""
            event.severity = "critical"
            event.bigPandaStatus = "warning"
            event.environmentID = "env-1"
            event.flapping = true
            event.snoozed = true
            event.tags = [
                AlertTag(name: "host", value: "db\"1\\"), AlertTag(name: "", value: "\u{1}"),
                AlertTag(name: "host", value: "twice"),
            ]
            event.sourceURL = "https://a.bigpanda.example/#/app/incidents/full"
            event.alertCount = 3
            event.fingerprint = Fingerprint(high: .max, low: 1 << 63)
        }
    }
}
