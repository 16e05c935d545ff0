import EventLoop

/// Calls that are to be made later; dropped with this object.
@LoopActor
final class DelayedWork {
    private var timers: [Int: Timer] = [:]
    private var nextNumber = 0

    /// Calls `body` after so many milliseconds, at once for none.
    func after(milliseconds: Int64, _ body: @escaping @LoopActor () -> Void) {
        guard milliseconds > 0 else { return body() }
        let number = nextNumber
        nextNumber += 1
        let timer = Timer()
        timers[number] = timer
        timer.start(after: .milliseconds(milliseconds)) { [weak self] in
            self?.timers[number] = nil
            body()
        }
    }

    /// Drops every call that was not made yet.
    func cancelAll() { timers = [:] }
}
