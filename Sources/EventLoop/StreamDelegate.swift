/// What the owner of a stream is told.
///
/// Every call comes from libuv on the loop's thread, never from inside a call to the stream, and
/// the delegate may close or drop the stream in any of them.
@LoopActor
package protocol StreamDelegate: AnyObject {
    /// Bytes came in; `bytes` is lent for the length of the call and never empty.
    func streamRead(_ bytes: RawSpan)
    /// The peer sent its last byte; writing still works.
    func streamReadEnded()
    /// Reading or writing failed; the owner closes. Called at most once for a stream.
    func streamFailed(_ error: UVError)
    /// Everything that had to be queued was handed to the kernel.
    func streamDrained()
}
