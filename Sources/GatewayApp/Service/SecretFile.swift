import EventLoop
import TLS

/// A file with one secret in it, which can be replaced while the one before stays beside it.
///
/// Whenever a replacement is broken off, the file holds either secret in whole, and once it holds
/// the new one, the old one is in the file beside it.
struct SecretFile {
    /// Where it lies.
    let path: String
    /// The variable that stands for it, for errors.
    let variable: String

    /// What is appended to its name for the secret before.
    static let previousSuffix = ".previous"
    private static let nextSuffix = ".next"
    /// Longer than any token or key that is accepted.
    private static let bytesMax = 4096

    /// The same for the secret before.
    var previous: SecretFile { SecretFile(path: path + Self.previousSuffix, variable: variable) }

    /// The variable and the path, for errors about the content.
    var place: String { "\(variable) (\(path))" }

    /// Its first line; `nil` when there is no such file.
    func read() throws(ConfigurationError) -> String? {
        do throws(FileError) {
            let bytes = try FileIO.read(path, bytesMax: Self.bytesMax)
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            return String(decoding: line, as: UTF8.self)
        } catch {
            guard !error.isNotFound else { return nil }
            throw ConfigurationError(variable, "its file can't be read: \(error)")
        }
    }

    /// Makes it, for its owner alone.
    func create(_ text: String) throws(ConfigurationError) {
        try writing { () throws(FileError) in
            try FileIO.create(path, containing: Array((text + "\n").utf8))
        }
    }

    /// Puts `text` in the place of `current`, which goes to the file beside it.
    func replace(_ current: String, with text: String) throws(ConfigurationError) {
        try previous.put(current, ownedAs: path)
        try put(text, ownedAs: path)
    }

    /// Writes another file and gives it this one's name.
    private func put(_ text: String, ownedAs model: String) throws(ConfigurationError) {
        let next = path + Self.nextSuffix
        try writing { () throws(FileError) in
            // Of a replacement that was broken off; nothing depends on it yet.
            if FileIO.exists(next) { try FileIO.remove(next) }
            try FileIO.create(next, containing: Array((text + "\n").utf8))
            try FileIO.giveOwner(of: model, to: next)
            try FileIO.rename(next, to: path)
        }
    }

    private func writing(_ body: () throws(FileError) -> Void) throws(ConfigurationError) {
        do throws(FileError) {
            try body()
        } catch {
            throw ConfigurationError(variable, "its file can't be written: \(error)")
        }
    }
}

extension SecureRandom {
    /// 32 bytes for a secret that belongs to `variable`.
    static func secretBytes(for variable: String) throws(ConfigurationError) -> [UInt8] {
        do throws(CryptoError) {
            return try bytes(32)
        } catch {
            throw ConfigurationError(variable, "the system gave no randomness; set it by hand")
        }
    }
}
