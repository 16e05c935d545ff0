import EventLoop

/// Hands an input of libFuzzer's making to a harness.
///
/// A harness traps on what must not be; libFuzzer then keeps the input and ends with a status that
/// is not 0. Each harness defines the function that libFuzzer calls.
/// Source: LLVM, "libFuzzer: a library for coverage-guided fuzz testing".
package enum FuzzDriver {
    /// What libFuzzer wants to hear.
    package static let isDone: Int32 = 0

    /// Copies the input, so that reading beyond its end is noticed, and runs the harness.
    package static func run(
        _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ harness: ([UInt8]) -> Void
    ) -> Int32 {
        harness(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
        return isDone
    }

    /// As `run`, in a turn of the loop.
    package static func runOnLoop(
        _ bytes: UnsafePointer<UInt8>?, _ count: Int,
        _ harness: @escaping @LoopActor ([UInt8]) -> Void
    ) -> Int32 {
        let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
        LoopActor.spawn {
            harness(input)
            LoopActor.executor.stop()
        }
        LoopActor.executor.run()
        return isDone
    }
}

/// Traps unless a promise holds.
package func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError("broken promise: \(what())") }
}
