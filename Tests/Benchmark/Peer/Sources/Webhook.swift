/// What BigPanda sends, as far as it is kept.
struct Webhook: Decodable, Sendable {
    struct Incident: Decodable, Sendable {
        struct Alert: Decodable, Sendable {
            let id: String
            let status: String
            let description: String?
            let tags: [Tag]
        }

        struct Tag: Codable, Sendable {
            let name: String
            let value: String
        }

        struct Links: Decodable, Sendable {
            let `self`: String?
        }

        let id: String
        let status: String
        let severity: String?
        let active: Bool
        let flapping: Bool
        let startedOn: Int64
        let changedOn: Int64
        let updatedOn: Int64
        let environments: [String]
        let alerts: [Alert]
        let links: Links?
    }

    let event: String
    let incident: Incident
}
