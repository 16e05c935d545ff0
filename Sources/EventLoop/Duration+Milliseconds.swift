extension Duration {
    /// Whole milliseconds, rounded up so that no timer fires early; 0 for a negative duration.
    package var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        var fraction = attoseconds / attosecondsPerMillisecond
        if !attoseconds.isMultiple(of: attosecondsPerMillisecond) { fraction += 1 }
        let (product, isOverflow) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        let (sum, isSumOverflow) = product.addingReportingOverflow(UInt64(fraction))
        return isOverflow || isSumOverflow ? .max : sum
    }
}
