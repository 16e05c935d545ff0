import COpenSSL

@testable import TLS

/// A server's session and a client of OpenSSL's own, with a wire in memory between them.
@safe
final class TLSPair {
    let server: TLSSession
    let client: TLSSession
    private let clientContext: OpaquePointer
    /// What came out of each end, decrypted.
    private(set) var atServer: [UInt8] = []
    private(set) var atClient: [UInt8] = []
    private(set) var serverReading = TLSSession.Reading.starved
    private(set) var clientReading = TLSSession.Reading.starved

    /// A pair that has said nothing; the client offers protocols, and resumes another's session.
    init(_ context: TLSContext, offering: [UInt8] = [], resuming other: TLSPair? = nil) throws {
        server = try TLSSession(context)
        guard let raw = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw TLSError.library(operation: "SSL_CTX_new")
        }
        unsafe clientContext = raw
        client = unsafe try TLSSession(raw, keeping: nil)
        unsafe SSL_set_connect_state(client.handle)
        if !offering.isEmpty {
            _ = unsafe SSL_set_alpn_protos(client.handle, offering, UInt32(offering.count))
        }
        if let other, let session = unsafe SSL_get1_session(other.client.handle) {
            _ = unsafe SSL_set_session(client.handle, session)
            unsafe SSL_SESSION_free(session)
        }
    }

    /// Whether the handshake is done, at both ends.
    var isEstablished: Bool { server.isEstablished && client.isEstablished }

    /// Encrypts at one end; false when its session is over.
    func serverWrites(_ bytes: [UInt8]) -> Bool { server.write(bytes.span) }
    func clientWrites(_ bytes: [UInt8]) -> Bool { client.write(bytes.span) }

    /// Lets the server read once.
    func serverReads(_ bytes: [UInt8]) -> TLSSession.Reading {
        server.receive(bytes.span)
        return Self.drain(server, into: &atServer)
    }

    /// What the server has to send.
    func takeFromServer() -> [UInt8] {
        var sent: [UInt8] = []
        server.takeOutput { bytes in for index in bytes.indices { sent.append(bytes[index]) } }
        return sent
    }

    /// Whether the client resumed a session.
    var isResumed: Bool { unsafe SSL_session_reused(client.handle) == 1 }

    deinit { unsafe SSL_CTX_free(clientContext) }

    static func context(key: String = TestCertificate.key) throws -> TLSContext {
        try TLSContext(
            certificates: Array(TestCertificate.chain.utf8), key: Secret(key),
            clientAuthorities: nil)
    }

    /// Carries bytes in pieces of at most `pieceMax` until neither end has any.
    func exchange(pieceMax: Int = .max) {
        var hasMoved = true
        while hasMoved {
            let toServer = readClient()
            for piece in Self.pieces(toServer, pieceMax) {
                server.receive(piece.span)
                serverReading = Self.drain(server, into: &atServer)
            }
            let toClient = takeFromServer()
            for piece in Self.pieces(toClient, pieceMax) { client.receive(piece.span) }
            hasMoved = !toServer.isEmpty || !toClient.isEmpty
        }
    }

    /// Goes on at the client's end.
    ///
    /// - Returns: What it sends.
    func readClient() -> [UInt8] {
        clientReading = Self.drain(client, into: &atClient)
        var sent: [UInt8] = []
        client.takeOutput { bytes in for index in bytes.indices { sent.append(bytes[index]) } }
        return sent
    }

    private static func drain(
        _ session: borrowing TLSSession, into all: inout [UInt8]
    ) -> TLSSession.Reading {
        var room = [UInt8](repeating: 0, count: 20_000)
        while true {
            let reading = session.read(into: &room, at: 0)
            guard case .bytes(let count) = reading else { return reading }
            all += room[..<count]
        }
    }

    private static func pieces(_ bytes: [UInt8], _ countMax: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: min(countMax, max(bytes.count, 1))).map {
            Array(bytes[$0..<min($0 + min(countMax, bytes.count), bytes.count)])
        }
    }
}
