import Synchronization

/// Who is told that messages for webhook endpoints were committed.
final class OutboxHook: Sendable {
    private let body = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ body: (@Sendable () -> Void)?) { self.body.withLock { $0 = body } }

    func tell() { body.withLock { $0 }?() }
}
