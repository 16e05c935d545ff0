import EventLoop
import GatewayTesting
import Testing

@testable import Postgres

@Suite struct PostgresConnectionTests {
    private static let echo = PostgresText(
        "SELECT $1::bigint, $2::text, $3::boolean, $4::bytea, $5::bigint, $6::text")

    @Test func `values come back as they were sent`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            for text in ["", "Grüße 🔥", "a\u{0}b", "\u{10FFFD}0\u{10FFFD}\u{0}", "'\"\\$1"] {
                let query = PostgresQuery(
                    Self.echo,
                    [
                        .int(.min), .text(text), .bool(true), .bytes([0, 255, 10]), .null, .null,
                    ])
                let results = try await connection.run([query], within: PostgresFixture.limit)
                var row = try #require(results.first?.first)
                let (number, echoed) = (row.readInt64(), row.readText())
                let (isTrue, bytes) = (row.readBool(), row.readBlob())
                let (noNumber, noText) = (row.readInt64IfAny(), row.readTextIfAny())
                #expect(number == .min && echoed == text && isTrue && bytes == [0, 255, 10])
                #expect(noNumber == nil && noText == nil)
            }
        }
    }

    @Test func `arrays come in whole, their gaps too`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            let query = PostgresQuery(
                once: """
                    SELECT n, t, b FROM unnest($1::bigint[], $2::text[], $3::boolean[])
                        WITH ORDINALITY AS u(n, t, b, i) ORDER BY i
                    """,
                [
                    .ints([1, nil, -3]), .texts(["a,\"{}", nil, ""]), .bools([true, nil, false]),
                ])
            let result = try await connection.run([query], within: PostgresFixture.limit)[0]
            var rows: [String] = []
            for var row in result.rows {
                let (number, text) = (row.readInt64IfAny(), row.readTextIfAny())
                rows.append("\(number ?? 0) \(text ?? "-") \(row.readBool())")
            }
            #expect(rows == ["1 a,\"{} true", "0 - false", "-3  false"])
            let none = PostgresQuery(
                once: "SELECT count(*) FROM unnest($1::text[])", [.texts([])])
            let counted = try await connection.run([none], within: PostgresFixture.limit)[0]
            var row = try #require(counted.first)
            let count = row.readInt64()
            #expect(count == 0)
        }
    }

    @Test func `statements in one call are one transaction`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            _ = try await connection.run("CREATE TEMPORARY TABLE t(n bigint UNIQUE)")
            let error = await connection.error(
                "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
            #expect(error?.isUniqueViolation == true)
            #expect(error?.constraint == "t_n_key")
            #expect(error?.isConnectionLost == false)
            #expect(error?.description.contains("(1)") == false, "the value is in the message")
            #expect(try await connection.number("SELECT count(*) FROM t") == 0)
            let results = try await connection.run(
                "INSERT INTO t VALUES (1), (2)", "SELECT count(*) FROM t")
            #expect(results[0].changesCount == 2)
            #expect(results.count == 2)
        }
    }

    @Test func `a statement is prepared once, and again after a failure`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            let text = PostgresText("SELECT count(*) FROM later")
            let query = PostgresQuery(text)
            for _ in 0..<2 {
                do throws(PostgresError) {
                    _ = try await connection.run([query, query], within: PostgresFixture.limit)
                    Issue.record("the table is there already")
                } catch {
                    #expect(error.state == "42P01")
                }
            }
            _ = try await connection.run("CREATE TEMPORARY TABLE later(n bigint)")
            for _ in 0..<3 {
                let results = try await connection.run(
                    [query, query], within: PostgresFixture.limit)
                #expect(results.count == 2)
            }
            #expect(
                try await connection.number("SELECT count(*) FROM pg_prepared_statements") == 1)
        }
    }

    @Test func `more than the sockets hold goes through both ways`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            let body = [UInt8](repeating: 7, count: 4 << 20)
            let queries = (0..<4).map { _ in
                PostgresQuery(once: "SELECT $1::bytea || $1::bytea", [.bytes(body)])
            }
            let results = try await connection.run(queries, within: .seconds(30))
            for result in results {
                var row = try #require(result.first)
                let echoed = row.readBlob()
                #expect(echoed.count == 8 << 20)
            }
        }
    }

    @Test func `other work goes on while the server takes its time`() async throws {
        try await PostgresFixture.run { fixture in
            let connection = try await fixture.open()
            let (turns, feed) = AsyncStream.makeStream(of: Void.self)
            let task = LoopActor.spawn { () -> Bool in
                let error = await connection.error("SELECT pg_sleep(0.2)")
                feed.finish()
                return error == nil
            }
            let ticker = Timer()
            var ticks = 0
            @LoopActor func tick() {
                ticks += 1
                ticker.start(after: .milliseconds(1)) { tick() }
            }
            tick()
            for await _ in turns {}
            ticker.stop()
            #expect(await task.value)
            #expect(ticks > 3, "the loop stood still: \(ticks) turns in 200 ms")
        }
    }

    @Test func `a notification reaches who listens`() async throws {
        try await PostgresFixture.run { fixture in
            let (listener, speaker) = (try await fixture.open(), try await fixture.open())
            var heard: [PostgresNotification] = []
            listener.onNotification = { heard.append($0) }
            _ = try await listener.run("LISTEN wrapper_test")
            _ = try await speaker.run("NOTIFY wrapper_test, 'first'", "NOTIFY unheard")
            _ = try await speaker.run("NOTIFY wrapper_test")
            try await LoopTurn.until { heard.count == 2 }
            #expect(heard.map(\.channel) == ["wrapper_test", "wrapper_test"])
            #expect(heard.map(\.payload) == ["first", ""])
        }
    }
}
