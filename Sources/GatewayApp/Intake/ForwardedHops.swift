package import HTTPServer

/// What proxies wrote into a request's fields about where it came from.
package struct ForwardedHops: Sendable, Equatable {
    /// The addresses without port, the one of the last proxy's peer first; nil for what is no
    /// address, behind which nothing is to be believed.
    package let fromRight: [String?]

    /// Nothing was written.
    package static let none = ForwardedHops(fromRight: [])

    /// Reads `X-Forwarded-For` if there is one, else `Forwarded`.
    ///
    /// Nearly all proxies write the former, and pass the latter on as the client sent it: were it
    /// believed, anybody could pretend to be anyone behind them. A field in several lines is one
    /// list; proxies that add a line add it at the end.
    package init(_ head: HTTPRequestHead) {
        let lines = head.values(of: "x-forwarded-for")
        self.init(forwardedFor: lines, forwarded: lines.isEmpty ? head.values(of: "forwarded") : [])
    }

    /// Reads the values of the two fields, each line's by itself.
    package init(forwardedFor: [String], forwarded: [String]) {
        if !forwardedFor.isEmpty {
            self.init(
                fromRight: forwardedFor.reversed().flatMap { line in
                    // By bytes: Unicode makes one character of some letters and a comma.
                    line.utf8.split(separator: UInt8(ascii: ",")).reversed().map {
                        Self.address(IPAddress.withoutPort(String(Substring($0)).trimmingBlanks))
                    }
                })
        } else {
            self.init(fromRight: forwarded.reversed().flatMap(Self.hops))
        }
    }

    private init(fromRight: [String?]) { self.fromRight = fromRight }

    private static func address(_ text: String) -> String? {
        IPAddress.bytes(of: text) == nil ? nil : text
    }

    /// One line of `Forwarded`, read from the right; a line that is malformed tells nothing.
    private static func hops(in line: String) -> [String?] {
        guard let elements = ForwardedField.elements(of: line) else { return [nil] }
        return elements.reversed().map { $0.node.flatMap(ForwardedField.address(ofNode:)) }
    }
}
