import COpenSSL

@testable package import TLS

/// A client of OpenSSL's own over buffers in memory, which trusts every server.
@safe
package final class TLSClient {
    private let session: TLSSession
    private let context: OpaquePointer
    /// What came in, decrypted.
    package private(set) var received: [UInt8] = []
    /// What the last look at what came in came to.
    package private(set) var reading = TLSSession.Reading.starved

    /// A client that has said nothing; `configure` tells it what to be.
    package init(_ configure: (TLSClient) -> Void = { _ in }) throws {
        guard let raw = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw TLSError.library(operation: "SSL_CTX_new")
        }
        unsafe context = raw
        session = unsafe try TLSSession(raw, keeping: nil)
        unsafe SSL_set_connect_state(session.handle)
        configure(self)
    }

    /// OpenSSL's own session.
    package var handle: OpaquePointer { unsafe session.handle }
    /// Whether the handshake is done, as far as the client knows.
    package var isEstablished: Bool { session.isEstablished }
    /// Whether it resumed a session.
    package var isResumed: Bool { unsafe SSL_session_reused(handle) == 1 }
    /// The name of the cipher suite that was agreed on.
    package var cipher: String {
        guard let cipher = unsafe SSL_get_current_cipher(handle),
            let name = unsafe SSL_CIPHER_get_name(cipher)
        else { return "" }
        return unsafe String(cString: name)
    }

    /// Encrypts; false when the session is over.
    package func write(_ bytes: [UInt8]) -> Bool { session.write(bytes.span) }

    /// Says that it sends no more.
    package func end() { session.end() }

    /// Takes in what the server sent.
    package func receive(_ bytes: [UInt8]) { session.receive(bytes.span) }

    /// Goes on, with the handshake first.
    ///
    /// - Returns: What it sends.
    package func proceed() -> [UInt8] {
        reading = session.readAll(into: &received)
        return session.output()
    }

    deinit { unsafe SSL_CTX_free(context) }
}

extension TLSSession {
    /// Reads until more has to come in.
    package borrowing func readAll(into all: inout [UInt8]) -> Reading {
        var room = [UInt8](repeating: 0, count: 20_000)
        while true {
            let reading = read(into: &room, at: 0)
            guard case .bytes(let count) = reading else { return reading }
            all += room[..<count]
        }
    }

    /// What waits to be sent.
    package borrowing func output() -> [UInt8] {
        var sent: [UInt8] = []
        takeOutput { bytes in for index in bytes.indices { sent.append(bytes[index]) } }
        return sent
    }
}

extension TLSContext {
    /// What a test serves with.
    package static func test(
        key: String = TestCertificate.key, clientAuthorities: String? = nil
    ) throws -> TLSContext {
        try TLSContext(
            certificates: Array(TestCertificate.chain.utf8), key: Secret(key),
            clientAuthorities: clientAuthorities.map { Array($0.utf8) })
    }
}
