import EventLoop
import TLS
import TLSTesting

@testable import HTTPServer

/// A client that speaks TLS to a bench's newest connection, however its bytes are cut.
@LoopActor
final class SecuredClient {
    let tls: TLSClient
    let transport: FakeTransport
    private var carried = 0

    /// Opens another connection, and says `before` in front of the handshake.
    init(
        _ bench: ServerBench, after before: [UInt8] = [],
        _ configure: (TLSClient) -> Void = { _ in }
    ) throws {
        bench.connect()
        transport = bench.transport
        tls = try TLSClient(configure)
        transport.receive(before)
    }

    /// A client whose handshake is done.
    static func met(_ bench: ServerBench, after before: [UInt8] = []) throws -> SecuredClient {
        let client = try SecuredClient(bench, after: before)
        client.exchange()
        return client
    }

    /// Carries what there is, in pieces of at most so many bytes, until neither end has any.
    func exchange(pieceMax: Int = .max) {
        while true {
            let sent = tls.proceed()
            var rest = sent[...]
            while !rest.isEmpty {
                let piece = rest.prefix(pieceMax)
                transport.receive(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            let fresh = transport.written[carried...]
            carried = transport.written.count
            tls.receive(Array(fresh))
            guard !sent.isEmpty || !fresh.isEmpty else { return }
        }
    }

    /// Encrypts a text as one record.
    func write(_ text: String) { _ = tls.write(Array(text.utf8)) }

    /// Sends a text as one record, and takes in what comes of it.
    func send(_ text: String, pieceMax: Int = .max) {
        write(text)
        exchange(pieceMax: pieceMax)
    }

    var answers: [RawAnswer] { RawAnswer.parse(tls.received) }
}

extension ServerBench {
    /// One that speaks TLS, and trusts its clients' proxies when it is told to.
    static func secured(
        trusts: Bool = false, _ change: (inout HTTPLimits) -> Void = { _ in }
    ) throws -> ServerBench {
        ServerBench(
            trustedProxies: trusts ? ["198.51.100.0/24"].compactMap { AddressRange($0) } : [],
            tls: try TLSContext.test(), change)
    }

    /// How many handshakes came to what; those of none left out.
    var handshakes: [HandshakeOutcome: Int] {
        var found: [HandshakeOutcome: Int] = [:]
        for (outcome, count) in zip(HandshakeOutcome.allCases, server.handshakes) where count > 0 {
            found[outcome] = count
        }
        return found
    }
}
