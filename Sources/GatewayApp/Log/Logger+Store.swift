import Alerts
import Logging

extension Logger {
    /// Tells what the store kept somebody from doing.
    ///
    /// `StoreHealth` tells of the trouble itself, once. Where it may pass, what it stops again and
    /// again meanwhile is for those who look closer.
    func storeFailed(_ message: Logger.Message, _ error: StoreError) {
        log(
            level: error.isRetryable ? .debug : .error, message, metadata: ["error": "\(error)"])
    }
}
