import Alerts
import EventLoop

extension AuditEntry {
    /// Something that somebody does to the store by a command that asks no gateway.
    static func ofOperator(_ action: AuditAction, on objectID: String = "") -> AuditEntry {
        AuditEntry(
            at: WallClock.system.now,
            AuditActor(.operatingSystem, name: ProcessEnvironment.operatorName), action, objectID)
    }
}
