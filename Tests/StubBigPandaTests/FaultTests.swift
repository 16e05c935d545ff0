import EventLoop
import JSON
import Synchronization
import Testing

@Suite struct FaultTests {
    @Test func `a status is answered as often as ordered`() async throws {
        try await StubFixture.run { stub in
            let fault = "{\"on\":\"environments\",\"kind\":\"status\",\"times\":2}"
            let ordered = try await stub.control("POST", "faults", fault, expecting: 201)
            #expect(ordered["status"]?.int64 == 503)
            var statusCodes: [Int] = []
            for _ in 0..<3 {
                statusCodes.append(try await stub.vendor("GET", "environments").statusCode)
            }
            #expect(statusCodes == [503, 503, 200])
        }
    }

    @Test func `a status may say when to come back`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "POST", "faults",
                """
                {"on":"resolve","kind":"status","status":429,"retry_after":"7"}
                """)
            let id = try await stub.create()
            let reply = try await stub.resolve(id)
            #expect(reply.statusCode == 429)
            #expect(reply.field("retry-after") == "7")
            #expect(try await stub.isActive(id) == true)
        }
    }

    @Test func `a fault without an end lasts until it is cleared`() async throws {
        try await StubFixture.run { stub in
            let fault = "{\"on\":\"any\",\"kind\":\"status\",\"status\":500,\"times\":0}"
            _ = try await stub.control("POST", "faults", fault)
            for path in ["environments", stub.path("x"), "incidents/x/activities"] {
                #expect(try await stub.vendor("GET", path).statusCode == 500)
            }
            #expect(try await stub.control("GET", "faults")["items"]?.array?.count == 1)
            _ = try await stub.control("DELETE", "faults", expecting: 204)
            #expect(try await stub.vendor("GET", "environments").statusCode == 200)
        }
    }

    @Test func `faults of one place come in their order, and elsewhere not at all`() async throws {
        try await StubFixture.run { stub in
            for status in [500, 502] {
                let fault = "{\"on\":\"incident\",\"kind\":\"status\",\"status\":\(status)}"
                _ = try await stub.control("POST", "faults", fault)
            }
            #expect(try await stub.vendor("GET", "environments").statusCode == 200)
            var statusCodes: [Int] = []
            for _ in 0..<3 {
                statusCodes.append(try await stub.vendor("GET", stub.path("x")).statusCode)
            }
            #expect(statusCodes == [500, 502, 404])
        }
    }

    @Test func `a dropped call is not answered and changes nothing`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.control("POST", "faults", "{\"on\":\"resolve\",\"kind\":\"drop\"}")
            #expect(try await stub.resolve(id).bytes.isEmpty)
            #expect(try await stub.isActive(id) == true)
            #expect(try await stub.calls().last?["status"]?.int64 == 0)
            #expect(try await stub.resolve(id).statusCode == 202)
        }
    }

    @Test func `a call may be carried out and then dropped`() async throws {
        // However slow closes are otherwise: it is the answer that is lost, not time.
        let slow = "{\"apply_delay_ms\":60000,\"rate_per_second\":0}"
        try await StubFixture.run(settings: slow) { stub in
            let id = try await stub.create()
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"resolve\",\"kind\":\"apply_then_drop\"}")
            #expect(try await stub.resolve(id).bytes.isEmpty)
            #expect(try await stub.isActive(id) == false)
            #expect(try await stub.resolve(id).statusCode == 409)
        }
    }

    @Test func `a resolve may be accepted and ignored`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.control("POST", "faults", "{\"on\":\"resolve\",\"kind\":\"ignore\"}")
            #expect(try await stub.resolve(id).statusCode == 202)
            #expect(try await stub.isActive(id) == true)
            #expect(try await stub.resolve(id).statusCode == 202)
            #expect(try await stub.isActive(id) == false)
        }
    }

    @Test func `garbage is no HTTP, and HTML no JSON`() async throws {
        try await StubFixture.run { stub in
            for kind in ["garbage", "html"] {
                _ = try await stub.control(
                    "POST", "faults", "{\"on\":\"environments\",\"kind\":\"\(kind)\"}")
            }
            let garbage = try await stub.vendor("GET", "environments")
            #expect(!garbage.bytes.isEmpty)
            #expect(garbage.statusCode == 0)
            let html = try await stub.vendor("GET", "environments")
            #expect(html.statusCode == 200)
            #expect(html.field("content-type")?.hasPrefix("text/html") == true)
            #expect(try await stub.vendor("GET", "environments").statusCode == 200)
        }
    }

    @Test func `an answer may break off after the call was carried out`() async throws {
        try await StubFixture.run { stub in
            let id = try await stub.create()
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"resolve\",\"kind\":\"truncated\"}")
            let half = try await stub.resolve(id)
            #expect(half.statusCode == 200)
            #expect(throws: (any Error).self) { try half.json }
            #expect(try await stub.isActive(id) == false)
            let incident = try await stub.control("GET", "incidents/\(id)")
            #expect(incident["closes_accepted"]?.int64 == 1)
        }
    }

    @Test func `a fault may be for one key only`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control("PUT", "keys", "{\"good\":[\"a\",\"b\"],\"forbidden\":[]}")
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"any\",\"kind\":\"status\",\"key\":\"b\",\"times\":0}")
            #expect(try await stub.vendor("GET", "environments", key: "a").statusCode == 200)
            #expect(try await stub.vendor("GET", "environments", key: "b").statusCode == 503)
        }
    }

    /// The status codes that a mix answers 100 calls with.
    private func drawn(seed: Int) async throws -> [Int] {
        let statusCodes = Mutex<[Int]>([])
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "POST", "faults",
                """
                {"on":"any","kind":"mix","seed":\(seed),"times":0,"parts":[
                    {"weight":3,"kind":"ok"},{"weight":1,"kind":"status","status":500}]}
                """)
            for _ in 0..<100 {
                let statusCode = try await stub.vendor("GET", "environments").statusCode
                statusCodes.withLock { $0.append(statusCode) }
            }
        }
        return statusCodes.withLock { $0 }
    }

    @Test func `a mix is drawn by its weights, and again by its seed`() async throws {
        let first = try await drawn(seed: 7)
        let count = first.count { $0 == 500 }
        #expect((10...40).contains(count))
        #expect(first.count { $0 == 200 } == 100 - count)
        #expect(try await drawn(seed: 7) == first)
        #expect(try await drawn(seed: 8) != first)
    }

    @Test func `a delayed call is answered late and does not hold up others`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"environments\",\"kind\":\"delay\",\"delay_ms\":500}")
            let start = SystemClock.monotonic()
            async let late = stub.vendor("GET", "environments")
            // Sent once the first has taken the fault, as the log shows.
            while try await stub.calls().isEmpty {}
            #expect(try await stub.vendor("GET", "environments").statusCode == 200)
            let calls = try await stub.calls()
            #expect(calls.map { $0["status"]?.int64 } == [0, 200])
            #expect(calls.map { $0["in_flight"]?.int64 } == [1, 2])
            #expect(try await late.statusCode == 200)
            // The loop's clock has whole milliseconds, so a timer may seem a little early.
            #expect(SystemClock.monotonic() - start >= .milliseconds(490))
        }
    }

    @Test(arguments: [
        "{}", "{\"on\":\"any\"}", "{\"kind\":\"drop\"}", "{\"on\":\"none\",\"kind\":\"drop\"}",
        "{\"on\":\"any\",\"kind\":\"none\"}", "{\"on\":\"any\",\"kind\":\"lost\"}",
        "{\"on\":\"webhook\",\"kind\":\"status\"}",
        "{\"on\":\"any\",\"kind\":\"drop\",\"times\":-1}",
        "{\"on\":\"any\",\"kind\":\"status\",\"status\":99}", "[]", "{",
        "{\"on\":\"webhook\",\"kind\":\"ok\",\"key\":\"a\"}",
        "{\"on\":\"any\",\"kind\":\"mix\"}",
        "{\"on\":\"any\",\"kind\":\"mix\",\"parts\":[{\"kind\":\"ok\"}]}",
        "{\"on\":\"any\",\"kind\":\"mix\",\"parts\":[{\"kind\":\"mix\",\"weight\":1}]}",
        "{\"on\":\"any\",\"kind\":\"mix\",\"parts\":[{\"kind\":\"lost\",\"weight\":1}]}",
    ])
    func `a fault that makes no sense is refused`(_ fault: String) async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control("POST", "faults", fault, expecting: 400)
            #expect(try await stub.control("GET", "faults")["items"]?.array?.isEmpty == true)
        }
    }

    @Test func `a stub that stops lets go of calls that wait`() async throws {
        try await StubFixture.run { stub in
            _ = try await stub.control(
                "POST", "faults", "{\"on\":\"any\",\"kind\":\"delay\",\"delay_ms\":600000}")
            LoopActor.spawn {
                // Ends with the stub, which is what is looked at.
                _ = try? await stub.vendor("GET", "environments")  // Fails when cut off.
            }
            while try await stub.calls().isEmpty {}
        }
    }
}
