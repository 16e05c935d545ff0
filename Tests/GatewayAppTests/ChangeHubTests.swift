import Alerts
import EventLoop
import GatewayTesting
import HTTPServer
import Testing

@testable import GatewayApp

@Suite struct ChangeHubTests {
    @Test func `a new reader is told where it stands, and what changes from then on`() async throws
    {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            await bench.feed.change("old")
            let peer = bench.open()
            try await LoopTurn.until { peer.events == ["1"] }
            #expect(peer.status == 200)
            for field in [
                "Content-Type: text/event-stream", "Cache-Control: no-store",
                "X-Accel-Buffering: no", "Transfer-Encoding: chunked",
            ] { #expect(peer.text.contains("\r\n\(field)\r\n")) }
            #expect(peer.lines.first == "retry: 2000")
            await bench.feed.change("a", "b")
            try await LoopTurn.until { peer.events.count == 3 }
            #expect(peer.events == ["1", "2 alert a", "3 alert b"])
            bench.server.stop()
        }
    }

    @Test(arguments: [("", "2"), ("?last_event_id=2", nil), ("?last_event_id=0", "2")])
    func `who comes again gets what changed since, each thing once`(
        query: String, field: String?
    ) async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            await bench.feed.change("a", "b", "c", "a", "d", "a")
            let peer = bench.open(query, lastEventID: field)
            try await LoopTurn.until { peer.events.count == 3 }
            #expect(peer.events == ["3 alert c", "5 alert d", "6 alert a"])
            bench.server.stop()
        }
    }

    @Test(arguments: ["7", "x", "-1", "99999999999999999999999"])
    func `who names a number that nothing has is told to load anew`(id: String) async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            await bench.feed.change("a", "b")
            let peer = bench.open(lastEventID: id)
            try await LoopTurn.until { peer.events == ["2 reset unknown_id"] }
            await bench.feed.change("c")
            try await LoopTurn.until { peer.events == ["2 reset unknown_id", "3 alert c"] }
            bench.server.stop()
        }
    }

    @Test func `who is too far behind is told to load anew`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            await bench.feed.change("a")
            await bench.feed.pass(Limits.streamBacklogMax - 1)
            let near = bench.open(lastEventID: "0")
            try await LoopTurn.until { near.events == ["1 alert a"] }
            await bench.feed.pass(1)
            let far = bench.open(lastEventID: "0")
            try await LoopTurn.until { far.events == ["20001 reset too_old"] }
            #expect(near.events == ["1 alert a"])
            bench.server.stop()
        }
    }

    @Test func `who does not read holds up nobody, and gets things later as they are then`()
        async throws
    {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            let (slow, quick) = (bench.open(), bench.open())
            try await LoopTurn.until { slow.events == ["0"] && quick.events == ["0"] }
            slow.isStuck = true
            await bench.feed.change("a")
            try await LoopTurn.until { slow.events.count == 2 && quick.events.count == 2 }
            for _ in 0..<3 {
                await bench.feed.change("a", "b")
                let count = quick.events.count
                try await LoopTurn.until { quick.events.count >= count + 2 }
            }
            #expect(slow.events == ["0", "1 alert a"])
            slow.drain()
            try await LoopTurn.until { slow.events.count == 4 }
            #expect(slow.events.suffix(2) == ["6 alert a", "7 alert b"])
            bench.server.stop()
        }
    }

    @Test func `a page goes out in pieces, and no further than it is read`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            for number in 0..<500 { await bench.feed.change("alert-\(number)") }
            let peer = bench.open(lastEventID: "0")
            peer.isStuck = true
            try await LoopTurn.until { peer.events.count > 10 }
            let written = peer.written.count
            #expect(written < Limits.streamWriteBytes + 2_000)
            while peer.events.count < 500 {
                let count = peer.events.count
                peer.drain()
                peer.isStuck = true
                try await LoopTurn.until { peer.events.count > count }
            }
            #expect(peer.events == (0..<500).map { "\($0 + 1) alert alert-\($0)" })
            bench.server.stop()
        }
    }

    @Test func `the store is read once for all, and not at all when nobody reads`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            await bench.feed.change("a")
            #expect(!bench.feed.isListenedTo)
            let peers = (0..<20).map { _ in bench.open() }
            try await LoopTurn.until { peers.allSatisfy { $0.events == ["1"] } }
            #expect(bench.feed.isListenedTo)
            #expect(bench.hub.count == 20)
            // Each looked once for what it might have missed.
            try await LoopTurn.until { !bench.hub.isBusy }
            let before = await bench.feed.queries.count
            await bench.feed.change("b")
            try await LoopTurn.until { peers.allSatisfy { $0.events.last == "2 alert b" } }
            #expect(await bench.feed.queries.count == before + 1)
            for peer in peers { peer.leave() }
            #expect(bench.hub.count == 0)
            #expect(!bench.feed.isListenedTo)
            let after = await bench.feed.queries.count
            await bench.feed.change("c")
            let again = bench.open()
            try await LoopTurn.until { again.events == ["3"] && !bench.hub.isBusy }
            #expect(await bench.feed.queries.count == after + 1)
            bench.server.stop()
        }
    }

    @Test func `what changes while the store is read is read next`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            let peer = bench.open()
            try await LoopTurn.until { peer.events == ["0"] && !bench.hub.isBusy }
            await bench.feed.hold()
            await bench.feed.change("a")
            try await LoopTurn.until { bench.hub.isReading }
            while await bench.feed.queries.count < 2 { await LoopTurn.next() }
            await bench.feed.change("b")
            for _ in 0..<5 { await LoopTurn.next() }
            await bench.feed.letGo()
            try await LoopTurn.until { peer.events == ["0", "1 alert a", "2 alert b"] }
            bench.server.stop()
        }
    }

    @Test func `when the store fails, streams stay and it is read again`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            let peer = bench.open()
            try await LoopTurn.until { peer.events == ["0"] && !bench.hub.isBusy }
            await bench.feed.fail(2)
            await bench.feed.change("a")
            try await LoopTurn.until { peer.events == ["0", "1 alert a"] }
            await bench.feed.fail(1)
            let refused = bench.open()
            try await LoopTurn.until { refused.status == 503 }
            #expect(refused.text.contains("store_unavailable"))
            #expect(refused.text.contains("\r\nRetry-After: "))
            bench.server.stop()
        }
    }

    @Test func `silence is broken now and then, and the reader told how far it has read`()
        async throws
    {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed(), heartbeat: .milliseconds(10))
            let peer = bench.open("?kinds=close")
            try await LoopTurn.until { peer.lines.count { $0 == ": keep-alive" } >= 3 }
            await bench.feed.change("a")
            try await LoopTurn.until { peer.events == ["0", "1"] }
            bench.server.stop()
        }
    }

    @Test func `a reader gets the kinds that it asks for`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            let some = bench.open("?kinds=close,alert")
            let others = bench.open("?kinds=delivery")
            try await LoopTurn.until { some.events == ["0"] && others.events == ["0"] }
            await bench.feed.change("a")
            try await LoopTurn.until { some.events == ["0", "1 alert a"] && !bench.hub.isBusy }
            #expect(others.events == ["0"])
            for query in ["?kinds=alerts", "?kinds=alert,,x", "?kinds=,"] {
                let refused = bench.open(query)
                #expect(refused.status == 400)
                #expect(refused.text.contains("invalid_filter"))
            }
            bench.server.stop()
        }
    }

    @Test func `strangers are turned away, and so is who is one too many`() async throws {
        try await LoopFixture.run {
            let bench = StreamBench(ScriptedFeed())
            #expect(bench.open(token: "wrong").status == 401)
            let peers = (0..<Limits.streamsMax).map { _ in bench.open(lastEventID: "0") }
            #expect(peers.allSatisfy { $0.status == 200 })
            let refused = bench.open()
            #expect(refused.status == 503)
            #expect(refused.text.contains("too_many_streams"))
            peers[0].leave()
            let admitted = bench.open()
            try await LoopTurn.until { admitted.status == 200 }
            #expect(bench.open(method: "HEAD").status == 503)
            peers[1].leave()
            let headOnly = bench.open(method: "HEAD")
            try await LoopTurn.until { headOnly.status == 200 }
            #expect(headOnly.events.isEmpty)
            #expect(bench.hub.count == Limits.streamsMax - 1)
            bench.server.stop()
        }
    }
}

extension ChangeHub {
    /// Whether a look for changes is under way or planned.
    fileprivate var isBusy: Bool { isReading || isScheduled }
}
