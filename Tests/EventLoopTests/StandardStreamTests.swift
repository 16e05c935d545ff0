import EventLoop
import Glibc
import Testing

@Suite struct StandardStreamTests {
    @Test func `text arrives where it was sent`() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(7),
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            try StandardStream.output.write("to output")
            try StandardStream.error.write(Array("to error".utf8))
            exit(7)
        }
        #expect(result?.standardOutputContent.containsText("to output") == true)
        #expect(result?.standardErrorContent.containsText("to error") == true)
    }

    @Test func `lines end in LF or CRLF, the last one in nothing`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try Self.feed("first\nsecond\r\n\nlast")
            for expected in ["first", "second", "", "last"] {
                let line = try StandardStream.input.readLine(bytesMax: 10)
                precondition(line == Array(expected.utf8), expected)
            }
            let end = try StandardStream.input.readLine(bytesMax: 10)
            precondition(end == nil)
            precondition(!StandardStream.input.isTerminal)
            exit(7)
        }
    }

    @Test func `after a line the rest is left for the next reader`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try Self.feed("first\nthe rest")
            _ = try StandardStream.input.readLine(bytesMax: 10)
            let rest = try StandardStream.input.readToEnd(bytesMax: 10)
            precondition(rest == Array("the rest".utf8))
            exit(7)
        }
    }

    @Test func `a line or an input over its cap is refused`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try Self.feed("0123456789\n0123456789")
            do throws(FileError) {
                _ = try StandardStream.input.readLine(bytesMax: 9)
            } catch {
                guard error.cause == .tooLarge(bytesMax: 9) else { exit(1) }
                do throws(FileError) {
                    _ = try StandardStream.input.readToEnd(bytesMax: 10)
                } catch {
                    exit(error.cause == .tooLarge(bytesMax: 10) ? 7 : 2)
                }
            }
        }
    }

    @Test func `a reader that is gone is an error, not a signal`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            var ends: [Int32] = [-1, -1]
            _ = unsafe pipe(&ends)
            _ = dup2(ends[1], STDOUT_FILENO)
            _ = close(ends[0])
            do { try StandardStream.output.write("x") } catch { exit(7) }
        }
    }

    /// Makes `text` the whole standard input.
    private static func feed(_ text: String) throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw RawSocket.Failure() }
        _ = unsafe write(ends[1], text, text.utf8.count)
        _ = close(ends[1])
        _ = dup2(ends[0], STDIN_FILENO)
    }
}

extension [UInt8] {
    fileprivate func containsText(_ text: String) -> Bool {
        String(decoding: self, as: UTF8.self).contains(text)
    }
}
