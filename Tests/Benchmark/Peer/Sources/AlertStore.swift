import GRDB

/// One alert for each incident.
struct AlertRecord: Codable, PersistableRecord, Sendable {
    static let databaseTableName = "alerts"

    let incidentID: String
    let title: String
    let status: String
    let severity: String?
    let isFiring: Bool
    let isFlapping: Bool
    let environment: String?
    /// Stored as JSON.
    let tags: [Webhook.Incident.Tag]
    let sourceURL: String?
    let changedOn: Int64
    let updatedOn: Int64

    init(_ incident: Webhook.Incident) {
        let alert = incident.alerts.first
        incidentID = incident.id
        title = alert?.description ?? incident.id
        status = incident.status
        severity = incident.severity
        isFiring = incident.active
        isFlapping = incident.flapping
        environment = incident.environments.first
        tags = alert?.tags ?? []
        sourceURL = incident.links?.`self`
        changedOn = incident.changedOn
        updatedOn = incident.updatedOn
    }
}

/// One webhook as it came in.
struct DeliveryRecord: Codable, PersistableRecord, Sendable {
    static let databaseTableName = "deliveries"

    let event: String
    let incidentID: String
    let body: String
}

/// Alerts and deliveries in SQLite, each webhook durable before it is answered.
struct AlertStore: Sendable {
    private let pool: DatabasePool

    init(path: String) throws {
        pool = try DatabasePool(path: path)
        // GRDB sets NORMAL for a pool, with which a power cut may take the last commits back.
        let mode = try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(database, sql: "PRAGMA synchronous")
        }
        precondition(mode == 2, "SQLite does not write through")
        try migrator().migrate(pool)
    }

    func keep(_ webhook: Webhook, body: String) async throws {
        let alert = AlertRecord(webhook.incident)
        let delivery = DeliveryRecord(
            event: webhook.event, incidentID: alert.incidentID, body: body)
        try await pool.write { database in
            try alert.upsert(database)
            try delivery.insert(database)
        }
    }

    private func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("alerts and deliveries") { database in
            try database.create(table: AlertRecord.databaseTableName) { table in
                table.primaryKey("incidentID", .text)
                table.column("title", .text).notNull()
                table.column("status", .text).notNull()
                table.column("severity", .text)
                table.column("isFiring", .boolean).notNull().indexed()
                table.column("isFlapping", .boolean).notNull()
                table.column("environment", .text)
                table.column("tags", .jsonText).notNull()
                table.column("sourceURL", .text)
                table.column("changedOn", .integer).notNull()
                table.column("updatedOn", .integer).notNull()
            }
            try database.create(table: DeliveryRecord.databaseTableName) { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("event", .text).notNull()
                table.column("incidentID", .text).notNull()
                table.column("body", .text).notNull()
            }
        }
        return migrator
    }
}
