import Alerts
import EventLoop
import GatewayApp
import GatewayTesting
import Testing

@Suite struct ReconcilerTests {
    @Test func `a lost close is found when the reading is due, and not before`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["shut": false, "open": true])
            let fixture = try await ReconcilerFixture(api, firing: ["shut", "open"])
            try await fixture.tick(after: 200)
            #expect(await api.calls.isEmpty)
            try await fixture.tick(after: 100)
            #expect(await Set(api.calls) == ["read shut env-1", "read open env-1"])
            let shut = try await fixture.alert("shut")
            #expect(shut?.status == .resolved)
            #expect(shut?.resolvedBy?.kind == .reconcile)
            #expect(try await fixture.alert("open")?.status == .firing)
            try await fixture.tick(after: 300)
            #expect(await api.calls.count { $0 == "read shut env-1" } == 1)
            #expect(await api.calls.count { $0 == "read open env-1" } == 2)
            fixture.end()
        }
    }

    @Test func `every firing alert is read after a start`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["shut": false])
            let fixture = try await ReconcilerFixture(api, firing: ["shut"])
            fixture.reconciler.start()
            try await LoopTurn.until(deadline: .seconds(8)) { !fixture.reconciler.isIdle }
            try await fixture.finish()
            #expect(try await fixture.alert("shut")?.status == .resolved)
            fixture.end()
        }
    }

    @Test func `readings are planned anew in parts that give way to webhooks`() async throws {
        try await LoopFixture.run {
            let incidents = (0..<Limits.readingsPlannedMax * 5 / 2).map { "inc\($0)" }
            let api = ScriptedIncidents(
                Dictionary(uniqueKeysWithValues: incidents.map { ($0, true) }))
            let fixture = try await ReconcilerFixture(api, firing: incidents)
            var askedCount = 0
            fixture.reconciler.isStoreWanted = {
                askedCount += 1
                return true
            }
            fixture.reconciler.start()
            // Of three parts the last one is not full: nothing is left to give way for.
            try await fixture.waitForCalls(1)
            try await LoopTurn.until(deadline: .seconds(8)) { askedCount == 2 }
            try await fixture.finish()
            #expect(askedCount == 2)
            fixture.end()
        }
    }

    @Test func `a clock that is set back does not put readings off`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["shut": true])
            let fixture = try await ReconcilerFixture(
                api, firing: ["shut"], interval: .seconds(1))
            fixture.reconciler.start()
            try await fixture.waitForCalls(1)
            fixture.clock.advance(by: .seconds(-3600))
            try await fixture.waitForCalls(2)
            try await fixture.finish()
            fixture.end()
        }
    }

    @Test func `a request comes before what is due, due or not`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["due": true, "new": true])
            let fixture = try await ReconcilerFixture(api, firing: ["due"])
            fixture.clock.advance(by: .seconds(290))
            try await fixture.push("new", .new)
            fixture.clock.advance(by: .seconds(10))
            fixture.reconciler.request(AlertID("alt_new"))
            fixture.reconciler.request(AlertID("alt_new"))
            try await fixture.finish()
            #expect(await api.calls == ["read new env-1", "read due env-1"])
            fixture.end()
        }
    }

    @Test(arguments: [IntegrationState.keyRejected, .keyForbidden])
    func `a paused integration is not read`(state: IntegrationState) async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["a": false])
            let fixture = try await ReconcilerFixture(api, firing: ["a"])
            try await fixture.directory.note(
                state, because: "test", for: DirectorySamples.integrationID)
            try await fixture.tick(after: 300)
            #expect(await api.calls.isEmpty)
            try await fixture.directory.note(
                .connected, because: nil, for: DirectorySamples.integrationID)
            try await fixture.tick(after: 0)
            #expect(try await fixture.alert("a")?.status == .resolved)
            fixture.end()
        }
    }

    @Test func `a rejected key pauses the integration, and nothing more is read`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["a": false, "b": false], failures: [.keyRejected])
            let fixture = try await ReconcilerFixture(api, firing: ["a", "b"])
            try await fixture.tick(after: 300)
            #expect(await api.calls.count == 1)
            let state = fixture.directory.integration(DirectorySamples.integrationID)?.state
            #expect(state == .keyRejected)
            fixture.end()
        }
    }

    @Test func `a BigPanda that fails is left alone for a while`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(
                ["a": false, "b": false], failures: [.delayed(reason: "503", retryAfter: nil)])
            let fixture = try await ReconcilerFixture(api, firing: ["a", "b"])
            try await fixture.tick(after: 300)
            #expect(await api.calls.count == 1)
            fixture.end()
        }
    }

    @Test func `one incident that can't be read keeps no other from its turn`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(
                ["a": false, "b": false], failures: [.refused(reason: "400")])
            let fixture = try await ReconcilerFixture(api, firing: ["a", "b"])
            try await fixture.tick(after: 300)
            #expect(await api.calls.count == 2)
            let statuses = [
                try await fixture.alert("a")?.status, try await fixture.alert("b")?.status,
            ]
            #expect(statuses.count { $0 == .resolved } == 1)
            fixture.end()
        }
    }

    @Test func `a store that fails is asked again later`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents(["a": false])
            let fixture = try await ReconcilerFixture(api, firing: ["a"])
            await fixture.store.fail(with: [StoreError(.busy, "busy")])
            try await fixture.tick(after: 300)
            #expect(await api.calls.isEmpty)
            #expect(try await fixture.alert("a")?.status == .firing)
            fixture.end()
        }
    }
}

@Suite struct ReconcilerAbsenceTests {
    @Test func `an incident in no environment is asked after in its activities`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents([:], absences: ["gone": .mergedAway])
            let fixture = try await ReconcilerFixture(api, firing: ["gone"])
            try await fixture.tick(after: 300)
            #expect(
                await api.calls == [
                    "read gone env-1", "environments", "read gone env-2", "activities gone",
                ])
            #expect(try await fixture.alert("gone")?.resolvedBy?.kind == .reconcile)
            fixture.end()
        }
    }

    @Test func `an incident gone without a word goes on firing, and that is told`() async throws {
        try await LoopFixture.run {
            let api = ScriptedIncidents([:])
            let fixture = try await ReconcilerFixture(api, firing: ["gone"])
            for _ in 1...3 { try await fixture.tick(after: 300) }
            #expect(await api.calls.count { $0 == "activities gone" } == 3)
            #expect(try await fixture.alert("gone")?.status == .firing)
            let timeline = try await fixture.store.timeline(of: AlertID("alt_gone"), limit: 9)
            #expect(timeline.count == 2)
            #expect(timeline.last?.cause.kind == .reconcile)
            // Asked again, but more seldom.
            try await fixture.tick(after: 600)
            #expect(await api.calls.count { $0 == "activities gone" } == 3)
            try await fixture.tick(after: 3600)
            #expect(await api.calls.count { $0 == "activities gone" } == 4)
            fixture.end()
        }
    }
}

@Suite struct ReconcilerListTests {
    static func names(_ count: Int) -> [String] {
        (0..<count).map { "inc-\(1000 + $0)" }
    }

    @Test func `many due incidents are read from a list, the rest one by one`() async throws {
        try await LoopFixture.run {
            let names = Self.names(120)
            var incidents = Dictionary(uniqueKeysWithValues: names.map { ($0, true) })
            incidents["inc-1007"] = false
            let api = ScriptedIncidents(incidents)
            let fixture = try await ReconcilerFixture(api, firing: names)
            try await fixture.tick(after: 300)
            #expect(await api.calls == ["list env-1 1", "list env-1 2", "read inc-1007 env-1"])
            #expect(try await fixture.alert("inc-1007")?.status == .resolved)
            #expect(try await fixture.alert("inc-1119")?.status == .firing)
            try await fixture.tick(after: 230)
            #expect(await api.calls.count == 3)
            fixture.end()
        }
    }

    @Test func `few due incidents are read one by one`() async throws {
        try await LoopFixture.run {
            let names = Self.names(10)
            let api = ScriptedIncidents(Dictionary(uniqueKeysWithValues: names.map { ($0, true) }))
            let fixture = try await ReconcilerFixture(api, firing: names)
            try await fixture.tick(after: 300)
            #expect(await api.calls.count == 10)
            #expect(await api.calls.allSatisfy { $0.hasPrefix("read") })
            fixture.end()
        }
    }

    @Test func `a list that would cost more calls than it spares is left`() async throws {
        try await LoopFixture.run {
            let names = Self.names(11)
            // None of those due is on the first page of very many.
            let api = ScriptedIncidents(
                Dictionary(uniqueKeysWithValues: names.map { ($0, false) }), listTotal: 5000)
            let fixture = try await ReconcilerFixture(api, firing: names)
            try await fixture.tick(after: 300)
            #expect(await api.calls.count { $0.hasPrefix("list") } == 1)
            #expect(await api.calls.count { $0.hasPrefix("read") } == 11)
            fixture.end()
        }
    }

    @Test(arguments: [1, 11])
    func `readings and lists wait behind closes that came after them`(count: Int) async throws {
        try await LoopFixture.run {
            let names = Self.names(count)
            let api = ScriptedIncidents(Dictionary(uniqueKeysWithValues: names.map { ($0, true) }))
            let fixture = try await ReconcilerFixture(api, firing: names)
            let connections = fixture.connections
            fixture.clock.advance(by: .seconds(300))
            fixture.reconciler.kick()
            // The first call of a start may be made a second later; those that wait then queue up.
            for _ in 0..<20 { await LoopTurn.next() }
            let closes = (0..<RateBudget.callsMax).map { _ in
                LoopActor.spawn {
                    _ = await connections.call(DirectorySamples.integrationID, .close) {
                        await $0.environments()
                    }
                }
            }
            for close in closes { await close.value }
            let made = await api.calls.prefix(RateBudget.callsMax)
            #expect(made.allSatisfy { $0 == "environments" })
            try await fixture.finish()
            #expect(await api.calls.count == RateBudget.callsMax + 1)
            fixture.end()
        }
    }
}
