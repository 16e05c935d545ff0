import TLSTesting

@testable import TLS

/// A server's session and a client, with a wire in memory between them.
@safe
final class TLSPair {
    let server: TLSSession
    let client: TLSClient
    /// What came in at the server, decrypted.
    private(set) var atServer: [UInt8] = []
    private(set) var serverReading = TLSSession.Reading.starved

    /// A pair that has said nothing.
    init(_ context: TLSContext, _ configure: (TLSClient) -> Void = { _ in }) throws {
        server = try TLSSession(context)
        client = try TLSClient(configure)
    }

    /// A pair after its handshake, whatever that came to.
    static func met(
        _ context: TLSContext, _ configure: (TLSClient) -> Void = { _ in }
    ) throws -> TLSPair {
        let pair = try TLSPair(context, configure)
        pair.exchange()
        return pair
    }

    /// What came out at the client, decrypted.
    var atClient: [UInt8] { client.received }
    var clientReading: TLSSession.Reading { client.reading }

    /// Whether the handshake is done, at both ends.
    var isEstablished: Bool { server.isEstablished && client.isEstablished }

    /// Why the server gave up, if it did.
    var refusal: HandshakeOutcome? {
        guard case .failed(let reason) = serverReading else { return nil }
        return reason
    }

    /// Encrypts at one end; false when its session is over.
    func serverWrites(_ bytes: [UInt8]) -> Bool { server.write(bytes.span) }
    func clientWrites(_ bytes: [UInt8]) -> Bool { client.write(bytes) }

    /// Lets the server read once.
    func serverReads(_ bytes: [UInt8]) -> TLSSession.Reading {
        server.receive(bytes.span)
        return server.readAll(into: &atServer)
    }

    /// Carries bytes in pieces of at most `pieceMax` until neither end has any.
    func exchange(pieceMax: Int = .max) {
        var hasMoved = true
        while hasMoved {
            let toServer = client.proceed()
            for piece in Self.pieces(toServer, pieceMax) { serverReading = serverReads(piece) }
            let toClient = server.output()
            for piece in Self.pieces(toClient, pieceMax) { client.receive(piece) }
            hasMoved = !toServer.isEmpty || !toClient.isEmpty
        }
    }

    private static func pieces(_ bytes: [UInt8], _ countMax: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: min(countMax, max(bytes.count, 1))).map {
            Array(bytes[$0..<min($0 + min(countMax, bytes.count), bytes.count)])
        }
    }
}
