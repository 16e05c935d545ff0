package import Alerts

/// What every store promises, as cases that a store's tests run one by one on a fresh store.
package enum StoreContract {
    /// Any store that keeps alerts, the directory and the journal of deliveries.
    package typealias Store = any AlertStore & DirectoryStore & ReconcileStore & DeliveryStore
        & SessionStore & ActivityStore & ChangeFeed & AuditStore & TrafficStore
        & CanaryStore & OutboundStore

    /// One promise.
    package struct Case: Sendable, CustomStringConvertible {
        /// The promise in a sentence.
        package let name: String
        /// Puts an empty store to the test; throws a `Violation` when it breaks the promise.
        package let run: @Sendable (Store) async throws -> Void

        /// The promise in a sentence.
        package var description: String { name }

        init(_ name: String, _ run: @escaping @Sendable (Store) async throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// A promise that a store broke.
    package struct Violation: Error, CustomStringConvertible {
        /// What was found, and where in this suite.
        package let description: String
    }

    /// All promises.
    package static let cases =
        webhookCases + changeCases + listCases + closeCases + claimCases + directoryCases
        + upkeepCases + readingCases + deliveryCases + sessionCases + activityCases + feedCases
        + tokenCases + auditCases + trafficCases + canaryCases + outboundCases
        + outboundKeepingCases

    static func expect(
        _ condition: Bool, _ what: String, file: StaticString = #fileID, line: UInt = #line
    ) throws {
        guard !condition else { return }
        throw Violation(description: "\(what) (\(file):\(line))")
    }

    static func expectEqual<Value: Equatable>(
        _ found: Value, _ expected: Value, file: StaticString = #fileID, line: UInt = #line
    ) throws {
        guard found != expected else { return }
        throw Violation(description: "found \(found), not \(expected) (\(file):\(line))")
    }

    static func unwrap<Value>(
        _ value: Value?, file: StaticString = #fileID, line: UInt = #line
    ) throws -> Value {
        guard let value else {
            throw Violation(description: "found nothing (\(file):\(line))")
        }
        return value
    }

    /// The error that `body` throws.
    static func expectError(
        file: StaticString = #fileID, line: UInt = #line,
        _ body: () async throws -> Void
    ) async throws -> StoreError {
        do {
            try await body()
        } catch let error as StoreError {
            return error
        }
        throw Violation(description: "nothing was thrown (\(file):\(line))")
    }
}
