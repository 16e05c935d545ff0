/// A promise that a run broke.
struct Violation: Error, CustomStringConvertible {
    let promise: Promise
    let detail: String

    var description: String { "\(promise.rawValue): \(detail)" }

    init(_ promise: Promise, _ detail: String) {
        self.promise = promise
        self.detail = detail
    }

    /// What is promised after each history.
    enum Promise: String {
        case explained = "every acknowledged event was applied or superseded"
        case status = "the final status is what the gateway could know"
        case resolutions = "one resolution for each resolve"
        case closesEnd = "every close that is owed is confirmed once the world heals"
        case evidence = "closed means that BigPanda said so"
        case firing = "no close for an alert that fires"
        case looks = "no close is repeated without a look after an unknown outcome"
        case rate = "at most 5 calls in any second and 4 at once"
        case timeline = "the timeline tells how the alert came to be as it is"
        case told = "endpoints are told of every transition, once and in order"
        case quiet = "the gateway comes to rest"
    }
}

func require(
    _ condition: Bool, _ promise: Violation.Promise, _ detail: @autoclosure () -> String
) throws {
    guard condition else { throw Violation(promise, detail()) }
}
