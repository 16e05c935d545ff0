import CUV
import Glibc

/// Memory that only the start of the process needed.
package enum StartupMemory {
    /// Longer than the map of any process of ours: some 400 lines of 100 bytes.
    private static let mapBytesMax = 1 << 20

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

    /// Gives it back: free heap pages, and mapped code, which comes back page by page as it is run.
    ///
    /// Start-up runs through much code once, and each fault maps sixteen pages around the one that
    /// is needed; a process at rest needs a small part of that. Only code that can't be written is
    /// let go of: a written page would be lost.
    /// Source: malloc_trim(3), proc(5) on `/proc/PID/maps`, madvise(2) on `MADV_DONTNEED`.
    package static func release() {
        cuv_trim_heap()
        let path = "/proc/self/maps"
        // Without the map the memory merely stays.
        guard let map = try? FileIO.read(path, bytesMax: mapBytesMax) else { return }  // As said.
        for line in map.split(separator: UInt8(ascii: "\n")) {
            guard let range = codeRange(in: String(decoding: line, as: UTF8.self)) else { continue }
            let start = unsafe UnsafeMutableRawPointer(bitPattern: range.lowerBound)
            // Fails on what is no file, such as the kernel's own page, which then stays.
            _ = unsafe madvise(start, range.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a line such as `7f00-7f10 r-xp 00000000 08:01 42 /usr/lib/libc.so.6`, if
    /// they are those of code from a file.
    static func codeRange(in line: String) -> Range<UInt>? {
        // By bytes: by characters it would be a twentieth of the start.
        let fields = line.utf8.split(separator: UInt8(ascii: " "))
        guard fields.count >= 6, fields[1].elementsEqual("r-xp".utf8),
            fields[5].first == UInt8(ascii: "/")
        else { return nil }
        let ends = fields[0].split(separator: UInt8(ascii: "-")).map { Substring($0) }
        guard ends.count == 2, let start = UInt(ends[0], radix: 16),
            let end = UInt(ends[1], radix: 16), start < end
        else { return nil }
        return start..<end
    }
}
