/// A file operation that failed.
package struct FileError: Error, Equatable, Sendable {
    /// What stood in the way.
    package enum Cause: Equatable, Sendable {
        /// The system said no.
        case system(UVError)
        /// There is more than the caller accepts; bytes.
        case tooLarge(bytesMax: Int)
        /// The other end took nothing for `FileIO.writeWaitMax`.
        case stalled
    }

    /// The file, or the name of a standard stream.
    package let path: String
    /// What stood in the way.
    package let cause: Cause

    /// Whether the file does not exist.
    package var isNotFound: Bool {
        if case .system(let error) = cause { error.isNotFound } else { false }
    }

    /// Whether the file to be made exists already.
    package var isAlreadyThere: Bool {
        if case .system(let error) = cause { error.isAlreadyThere } else { false }
    }
}

extension FileError: CustomStringConvertible {
    /// One line for a log or a terminal, such as `/etc/x: no such file or directory (ENOENT)`.
    package var description: String {
        switch cause {
        case .system(let error): "\(path): \(error.message) (\(error.name))"
        case .tooLarge(let bytesMax): "\(path): longer than \(bytesMax) bytes"
        case .stalled: "\(path): nobody reads it"
        }
    }
}
