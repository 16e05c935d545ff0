/// A call about BigPanda's Webhook v2 integrations, which it has for its own API alone.
///
/// Source: docs/bigpanda.md, "Notifications Webhook v2".
package enum OutboundCall: Sendable, Equatable {
    /// All of them.
    case list
    /// One, by its full id, such as `webhook_v2.gateway`.
    case show(id: String)
    /// A new one, as JSON.
    case create([UInt8])
    /// Another configuration for one, as JSON.
    case change(id: String, [UInt8])
}
