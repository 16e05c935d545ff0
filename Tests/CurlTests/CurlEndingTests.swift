import Curl
import EventLoop
import GatewayTesting
import Testing

@Suite struct CurlEndingTests {
    /// A transfer in a task of its own, and its error.
    @LoopActor
    private static func start(
        _ request: CurlRequest, _ driver: CurlDriver
    ) -> Task<CurlError?, Never> {
        LoopActor.spawn {
            do throws(CurlError) {
                _ = try await driver.perform(request)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func `a cancelled task ends its transfer and closes the connection`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.silence)
            let driver = try CurlDriver()
            let task = Self.start(.plain("POST", server.url), driver)
            try await LoopTurn.until { server.requests.count == 1 }
            task.cancel()
            let error = await task.value
            #expect(error?.kind == .aborted)
            #expect(error?.wasRequestSent == true)
            #expect(driver.transferCount == 0)
            try await LoopTurn.until { server.openCount == 0 }
            driver.close()
            server.close()
        }
    }

    @Test func `a task cancelled before it began sends nothing`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            let driver = try CurlDriver()
            let task = Self.start(.plain("POST", server.url), driver)
            task.cancel()
            let error = await task.value
            #expect(error?.kind == .aborted)
            #expect(error?.wasRequestSent == false)
            #expect(server.requests.isEmpty)
            driver.close()
            server.close()
        }
    }

    @Test func `closing fails what is under way, and whatever comes later`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.silence)
            let driver = try CurlDriver()
            let tasks = (0..<10).map { _ in Self.start(.plain("POST", server.url), driver) }
            try await LoopTurn.until { server.requests.count == 10 }
            driver.close()
            driver.close()
            for task in tasks { #expect(await task.value?.kind == .aborted) }
            let late = await Self.start(.plain("POST", server.url), driver).value
            #expect(late?.kind == .aborted)
            #expect(late?.wasRequestSent == false)
            try await LoopTurn.until { server.openCount == 0 }
            server.close()
        }
    }

    @Test func `closing while names are resolved doesn't wait for the resolver`() async throws {
        try await LoopFixture.run {
            let driver = try CurlDriver()
            let task = Self.start(.plain("POST", "https://gateway.invalid/"), driver)
            // A single step, which starts the transfer: a turn might see it end already.
            await Task.yield()
            #expect(driver.transferCount == 1)
            let start = SystemClock.monotonic()
            driver.close()
            #expect(SystemClock.monotonic() - start < .milliseconds(500))
            #expect(await task.value?.kind == .aborted)
        }
    }

    @Test func `a driver nobody keeps closes its connections`() async throws {
        try await LoopFixture.run {
            let server = try ScriptedServer(.ok())
            do {
                let driver = try CurlDriver()
                _ = try await driver.perform(.plain("GET", server.url))
                #expect(server.openCount == 1)
            }
            try await LoopTurn.until { server.openCount == 0 }
            server.close()
        }
    }
}
