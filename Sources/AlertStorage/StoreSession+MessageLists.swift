import Alerts
import SQLite

// Reads what webhook endpoints were told.
extension StoreSession {
    private static let columns = OutboundColumns.list(OutboundColumns.message, of: "m")
    private static let one = SQLText(
        "SELECT \(columns), m.body FROM webhook_messages m WHERE m.key = ? AND m.endpoint_key = ?")
    private static let listed = SQLText(
        """
        SELECT \(columns) FROM webhook_messages m
        WHERE m.endpoint_key = ?1 AND m.key < ?2 AND (m.state = ?3 OR ?3 IS NULL)
        ORDER BY m.key DESC LIMIT ?4
        """)

    /// An endpoint's messages by filter, newest first.
    func messages(_ query: MessageQuery) throws(SQLiteError) -> Page<OutboundMessage> {
        guard let key = try endpointRecords(query.endpointID).first?.key else {
            return Page(items: [], next: nil)
        }
        let found = try connection.withStatement(Self.listed) { (select) throws(SQLiteError) in
            try select.bind(key)
            try select.bind(query.cursor?.sequence ?? .max)
            try select.bind(query.state?.rawValue)
            try select.bind(query.limit + 1)
            var found: [OutboundMessage] = []
            while try select.step() == .row { found.append(try readMessage(&select)) }
            return found
        }
        return Page(messages: found, limit: query.limit)
    }

    /// One message of an endpoint.
    func message(
        _ id: MessageID, of endpointID: EndpointID
    ) throws(SQLiteError) -> KeptMessage? {
        guard let key = try endpointRecords(endpointID).first?.key else { return nil }
        return try message(id, ofKey: key)
    }

    /// One message of the endpoint whose row has the key `key`.
    func message(_ id: MessageID, ofKey key: Int64) throws(SQLiteError) -> KeptMessage? {
        guard let number = id.parts?.number else { return nil }
        return try connection.withStatement(Self.one) { (select) throws(SQLiteError) in
            try select.bind(number)
            try select.bind(key)
            guard try select.step() == .row else { return nil }
            let message = try readMessage(&select)
            guard message.id == id else { return nil }
            return KeptMessage(message: message, body: select.readText())
        }
    }

    /// Reads the columns of `OutboundColumns.message`.
    func readMessage(
        _ row: inout SQLiteStatement
    ) throws(SQLiteError) -> OutboundMessage {
        let id = MessageID(number: row.readInt64(), lot: row.readInt64())
        let event: OutboundEvent = try row.readCase(of: "webhook_messages.event")
        let alertID = row.readTextIfAny().map { AlertID($0) }
        var message = OutboundMessage(id: id, event: event, alertID: alertID, at: row.readTime())
        message.state = try row.readCase(of: "webhook_messages.state")
        message.attempts = Int(row.readInt64())
        message.nextAttemptAt = row.readTimeIfAny()
        let (at, duration) = (row.readTimeIfAny(), row.readInt64IfAny())
        let (code, error) = (row.readInt64IfAny(), row.readTextIfAny())
        if let at {
            message.lastAttempt = OutboundMessage.LastAttempt(
                at: at, duration: .milliseconds(duration ?? 0), statusCode: code.map { Int($0) },
                error: error)
        }
        return message
    }
}

extension Page<OutboundMessage> {
    /// Makes a page of what was found, which is one more than `limit` if there is more.
    init(messages found: [OutboundMessage], limit: Int) {
        let items = Array(found.prefix(limit))
        let next = found.count > items.count ? items.last?.id.parts?.number : nil
        self.init(items: items, next: next.map { PageCursor(sequence: $0) })
    }
}
