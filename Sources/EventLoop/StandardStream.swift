import CUV
import Glibc

/// The three streams that a process is started with; every call blocks.
package enum StandardStream: Sendable, CaseIterable {
    /// Descriptor 0.
    case input
    /// Descriptor 1.
    case output
    /// Descriptor 2.
    case error

    private var number: Int32 {
        switch self {
        case .input: STDIN_FILENO
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }

    private var name: String {
        switch self {
        case .input: "standard input"
        case .output: "standard output"
        case .error: "standard error"
        }
    }

    /// Whether a person sits at the other end.
    package var isTerminal: Bool { isatty(number) == 1 }

    /// Writes all of `text`.
    ///
    /// - Throws: What write said, such as `EPIPE`, or `stalled`.
    package func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    /// Writes all of `bytes`.
    ///
    /// - Throws: What write said, such as `EPIPE`, or `stalled`.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        // A reader that is gone is EPIPE, also before the loop was made.
        cuv_ignore_sigpipe()
        try FileIO.write(bytes, to: number, name)
    }

    /// Everything up to the end.
    ///
    /// - Throws: What read said, or `tooLarge`.
    package func readToEnd(bytesMax: Int) throws(FileError) -> [UInt8] {
        try FileIO.readToEnd(number, name, bytesMax: bytesMax)
    }

    /// The next line without its end (LF or CRLF); nil at the end of the input.
    ///
    /// Reads byte by byte, so that what follows is left for the next reader.
    /// - Throws: What read said, or `tooLarge`.
    package func readLine(bytesMax: Int) throws(FileError) -> [UInt8]? {
        var line: [UInt8] = []
        while let byte = try FileIO.readSome(number, name, bytesMax: 1) {
            guard byte != [0x0A] else {
                if line.last == 0x0D { line.removeLast() }
                return line
            }
            line += byte
            guard line.count <= bytesMax else {
                throw FileError(path: name, cause: .tooLarge(bytesMax: bytesMax))
            }
        }
        return line.isEmpty ? nil : line
    }
}
