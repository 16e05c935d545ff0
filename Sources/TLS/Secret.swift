import COpenSSL

/// Bytes that must not be seen: an API key, a token, a master key.
///
/// Can't print itself: description, debug description and mirror all say `<secret>`. The bytes are
/// in one place, lent to a closure only, and overwritten when the last owner lets go.
/// Source: <https://docs.openssl.org/3.0/man3/OPENSSL_malloc/> (`OPENSSL_cleanse`)
@safe
package final class Secret: Sendable {
    /// The number of bytes.
    package let count: Int
    // Written in init only, before any other reference exists; afterwards read until deinit.
    private nonisolated(unsafe) let storage: UnsafeMutablePointer<UInt8>

    /// A secret with a copy of `bytes`, which stay the caller's to wipe.
    package init(copying bytes: Span<UInt8>) {
        count = bytes.count
        unsafe storage = .allocate(capacity: max(bytes.count, 1))
        for index in bytes.indices { unsafe (storage + index).initialize(to: bytes[index]) }
    }

    /// A secret with a copy of the UTF-8 bytes of `text`.
    package convenience init(_ text: String) {
        self.init(copying: text.utf8Span.span)
    }

    /// A secret with a copy of `bytes`, which are overwritten with zeros and emptied.
    package convenience init(wiping bytes: inout [UInt8]) {
        self.init(copying: bytes.span)
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        }
        bytes.removeAll(keepingCapacity: false)
    }

    /// Lends the bytes to `body`; what it copies out is no longer protected.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeBufferPointer(start: storage, count: count)
        return try body(unsafe buffer.span)
    }

    deinit {
        unsafe OPENSSL_cleanse(storage, count)
        unsafe storage.deallocate()
    }
}

extension Secret: Equatable {
    /// Compares in a time that depends on the lengths only.
    package static func == (left: Secret, right: Secret) -> Bool {
        left.withBytes { left in right.withBytes { constantTimeEquals(left, $0) } }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret>`.
    package var description: String { "<secret>" }
    /// Always `<secret>`.
    package var debugDescription: String { "<secret>" }
    /// Without children, so that `dump` shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
