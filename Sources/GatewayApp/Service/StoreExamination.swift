package import AlertStorage
import Alerts
import EventLoop
package import TLS

/// What `doctor` tells about a store in PostgreSQL.
package enum StoreExamination {
    /// One thing that was looked at.
    package struct Finding: Sendable, Equatable {
        /// Whether it is as it should be.
        package let isGood: Bool
        /// What was looked at.
        package let subject: String
        /// How it is, and what to do about it.
        package let detail: String
    }

    /// Asks the server about everything that a gateway on it relies on.
    @LoopActor
    package static func examine(
        _ location: PostgresLocation, masterKey: Secret, previousKey: Secret?
    ) async -> [Finding] {
        let askedAt = WallClock.system.now
        do throws(StoreError) {
            let found = try await PostgresInspection.inspect(
                location, masterKey: masterKey, previousKey: previousKey)
            let answeredAt = WallClock.system.now
            return judge(found, at: location, between: askedAt, and: answeredAt)
        } catch {
            return [Finding(isGood: false, subject: "store", detail: "\(location): \(error)")]
        }
    }

    /// Judges what was found; the server's clock was read between two moments of ours.
    private static func judge(
        _ found: PostgresInspection, at location: PostgresLocation, between askedAt: Timestamp,
        and answeredAt: Timestamp
    ) -> [Finding] {
        var findings: [Finding] = []
        func add(_ isGood: Bool, _ subject: String, _ detail: String) {
            findings.append(Finding(isGood: isGood, subject: subject, detail: detail))
        }
        add(
            !found.isStandby, "store",
            "\(location), version \(found.serverVersion)"
                + (found.isStandby
                    ? ", is a standby and takes no writes; name its primary too, and add "
                        + "target_session_attrs=read-write to the address"
                    : ""))
        let schema = judge(found.schema)
        add(schema.isGood, "store schema", schema.detail)
        add(
            found.isEncrypted || !location.isRemote, "store TLS",
            found.isEncrypted
                ? "the way to the server is encrypted"
                : location.isRemote
                    ? "the way to the server is not encrypted; add sslmode=verify-full to the "
                        + "address" : "not used; the server is on this machine")
        add(
            found.isSynced, "store durability",
            !found.isSynced
                ? "fsync is off: a power cut loses what was acknowledged; turn it on"
                : found.synchronousCommit == "off"
                    ? "synchronous_commit is off; the gateway turns it on for itself"
                    : "synchronous_commit is \(found.synchronousCommit)")
        let difference = max(found.clock - answeredAt, askedAt - found.clock, .zero)
        add(
            difference <= clockDifferenceMax, "store clock",
            "\(difference.milliseconds) ms from this machine's"
                + (difference <= clockDifferenceMax
                    ? "" : "; set both, for instance by NTP: closes are planned by either"))
        return findings
    }

    /// 2 s: replicas plan for each other, by their own clocks.
    private static let clockDifferenceMax = Duration.seconds(2)

    private static func judge(
        _ schema: PostgresInspection.Schema
    ) -> (isGood: Bool, detail: String) {
        switch schema {
        case .missing: (true, "no tables yet; a start makes them")
        case .there(let version, _) where version > PostgresInspection.schemaVersion:
            (
                false,
                "version \(version), which this program is too old for; it knows versions up to "
                    + "\(PostgresInspection.schemaVersion)"
            )
        case .there(_, isSealedWithKey: false):
            (false, "sealed with another master key; set GATEWAY_MASTER_KEY to the store's")
        case .there(let version, _): (true, "version \(version)")
        }
    }
}
