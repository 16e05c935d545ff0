import CUV
import Glibc

extension StandardStream {
    /// The next line, which a person at a terminal is asked for and types unseen.
    ///
    /// - Throws: What read said, or `tooLarge`.
    package func readSecretLine(prompt: String, bytesMax: Int) throws(FileError) -> [UInt8] {
        guard isTerminal else { return try readLine(bytesMax: bytesMax) ?? [] }
        try StandardStream.error.write(prompt)
        var settings = termios()
        let isKnown = unsafe tcgetattr(STDIN_FILENO, &settings) == 0
        let before = settings
        if isKnown {
            settings.c_lflag &= ~tcflag_t(ECHO)
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)  // Then it is merely seen.
        }
        defer {
            if isKnown {
                var before = before
                _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)  // Nothing else to try.
            }
        }
        let line = try readLine(bytesMax: bytesMax) ?? []
        try StandardStream.error.write("\n")
        return line
    }
}
