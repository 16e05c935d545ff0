extension Timer {
    /// Waits on the loop for `duration`.
    package static func wait(_ duration: Duration) async {
        let timer = Timer()
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            timer.start(after: duration) { waiter.resume() }
        }
        timer.stop()
    }
}
