import EventLoop

/// Work that is never done twice at once: asked for while it is under way, it is done once more.
@LoopActor
final class OneAtATime {
    private var isUnderWay = false
    private var isAskedAgain = false
    private var isStopped = false

    /// Has `work` done now, or once what is under way is through; never after `stop`.
    func ask(for work: @escaping @LoopActor () async -> Void) {
        guard !isStopped else { return }
        guard !isUnderWay else {
            isAskedAgain = true
            return
        }
        isUnderWay = true
        LoopActor.spawn { [self] in
            repeat {
                isAskedAgain = false
                await work()
            } while isAskedAgain && !isStopped
            isUnderWay = false
        }
    }

    /// Begins nothing more; what is under way ends by itself.
    func stop() { isStopped = true }
}
