import CUV

/// Memory that only the start of the process needed.
package enum StartupMemory {
    /// 256 KiB: larger blocks are given back to the system as soon as they are free.
    private static let mappedBytesMin: Int32 = 262_144
    /// 4 MiB: free memory at the heap's end that is kept for the next storm.
    private static let freeBytesKept: Int32 = 4 << 20

    /// Keeps large blocks out of the heap; called before there is any.
    ///
    /// Else the first large body that is freed makes malloc keep those after it in the heap, up to
    /// 32 MiB each, where what is left between them can't be given back.
    /// Source: mallopt(3), `M_MMAP_THRESHOLD`, on its dynamic adjustment.
    package static func keepLargeBlocksApart() {
        cuv_set_heap_thresholds(mappedBytesMin, freeBytesKept)
    }

    /// Gives it back: free heap pages, and mapped code and constants, which come back page by page
    /// as they are used.
    ///
    /// Start-up runs through much code once, the dynamic linker reads every library's tables, and
    /// each fault maps sixteen pages around the one that is needed; a process at rest needs a small
    /// part of that. Only what can't be written is let go of: a written page would be lost.
    /// Source: malloc_trim(3), dl_iterate_phdr(3), madvise(2) on `MADV_DONTNEED`.
    /// - Returns: How many pages of files were let go of; 4 KiB each, mapped or not.
    @discardableResult
    package static func release() -> Int {
        cuv_trim_heap()
        return cuv_release_mappings()
    }
}
