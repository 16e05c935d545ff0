import FuzzDriver
import Glibc

/// Takes apart what a server wrote.
///
/// By the C library's searches: the fuzzer would watch a loop of ours byte for byte, which takes
/// longer than all the rest.
struct WrittenAnswers {
    private let bytes: [UInt8]
    private var at = 0
    /// Interim ones left out.
    private(set) var statuses: [Int] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while at < bytes.count { readAnswer() }
    }

    private mutating func readAnswer() {
        promise(isNext("HTTP/1.1 "), "an answer has a status line")
        at += 9
        let status = readNumber()
        if status >= 200 { statuses.append(status) }
        var length = 0
        while true {
            guard let lineEnd = nextLineEnd() else { fatalError("broken promise: a whole head") }
            at = lineEnd + 2
            if isNext("\r\n") { break }
            guard isNext("Content-Length: ") else { continue }
            at += 16
            length = readNumber()
        }
        at += 2
        // What has content here is an object; to HEAD its length is told and it isn't sent.
        if isNext("{") { at += length }
        promise(at <= bytes.count, "an answer is whole")
    }

    private func isNext(_ text: StaticString) -> Bool {
        unsafe bytes.withUnsafeBytes { all in
            guard at + text.utf8CodeUnitCount <= all.count, let start = all.baseAddress else {
                return false
            }
            return unsafe memcmp(start + at, text.utf8Start, text.utf8CodeUnitCount) == 0
        }
    }

    private func nextLineEnd() -> Int? {
        unsafe bytes.withUnsafeBytes { all -> Int? in
            guard at < all.count, let start = all.baseAddress else { return nil }
            let found = unsafe memchr(start + at, 13, all.count - at)
            return unsafe found.map { unsafe UnsafeRawPointer($0) - start }
        }
    }

    private mutating func readNumber() -> Int {
        var number = 0
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
            number = number * 10 + Int(bytes[at] - 0x30)
            at += 1
        }
        return number
    }
}
