import CUV

/// The system's clocks.
package enum SystemClock {
    /// Milliseconds since 1970-01-01T00:00:00Z by the wall clock, which may jump.
    package static func wallMilliseconds() -> Int64 {
        var now = uv_timeval64_t()
        _ = unsafe uv_gettimeofday(&now)  // Fails on a bad pointer only (gettimeofday(2)).
        return now.tv_sec * 1000 + Int64(now.tv_usec) / 1000
    }

    /// Nanoseconds since an arbitrary start, which never jumps; for what is measured all the time,
    /// as arithmetic on a `Duration` takes 128 bits.
    package static func nanoseconds() -> Int { Int(clamping: uv_hrtime()) }

    /// Time since an arbitrary start, which never jumps; for durations and deadlines.
    package static func monotonic() -> Duration {
        .nanoseconds(Int64(clamping: uv_hrtime()))
    }
}
