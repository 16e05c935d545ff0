/// Why a command that talks to a gateway failed, in words for the person who typed it.
struct ClientError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
