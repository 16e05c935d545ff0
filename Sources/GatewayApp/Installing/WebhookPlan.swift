import Alerts
import JSON

/// What is to be done in BigPanda for a source's webhooks, and why.
struct WebhookPlan: Sendable, Equatable {
    /// The one call.
    enum Step: Sendable, Equatable {
        /// It is as it should be.
        case nothing
        /// There is none that posts to the source.
        case create
        /// There is one, which is not as it should be.
        case change(id: String)
    }

    /// The call.
    let step: Step
    /// What is not as it should be, in words.
    let differences: [String]
    /// What it should be.
    let wish: WebhookWish

    /// Compares what there is with what should be.
    ///
    /// The secret can't be compared: BigPanda stores it encrypted.
    init(_ wish: WebhookWish, among found: [Found]) {
        self.wish = wish
        guard let existing = found.first(where: { $0.baseURL == wish.callbackURL }) else {
            step = .create
            differences = ["No Webhook v2 integration posts to \(wish.callbackURL)."]
            return
        }
        differences = Self.differences(of: existing, from: wish)
        step = differences.isEmpty ? .nothing : .change(id: existing.id)
    }

    /// One that BigPanda has.
    struct Found: Sendable, Equatable {
        /// Its full id.
        let id: String
        /// Where it posts.
        let baseURL: String?
        /// Whether BigPanda waits for a call after each post.
        let expectsCallbacks: Bool
        /// What it posts.
        let events: [JSONTree]

        /// Reads one; `nil` for what has no id.
        init?(_ tree: JSONTree) {
            guard let id = tree["id"]?.string, !id.isEmpty else { return nil }
            self.id = id
            let configuration = tree["workflow_config"]
            baseURL = configuration?["config"]?["base_url"]?.string
            expectsCallbacks = configuration?["config"]?["expects_callbacks"]?.bool ?? false
            events = configuration?["events"]?.array ?? []
        }
    }

    /// The member that names the trigger in entries that BigPanda gave; `nil` when none does, or
    /// more than one.
    static func triggerKey(in found: [Found]) -> String? {
        var keys: Set<String> = []
        for event in found.flatMap(\.events) {
            for member in event.object ?? [] {
                guard let text = member.value.string, WebhookWish.knownTriggers.contains(text)
                else { continue }
                keys.insert(member.name)
            }
        }
        return keys.count == 1 ? keys.first : nil
    }

    private static func differences(of found: Found, from wish: WebhookWish) -> [String] {
        var differences: [String] = []
        if found.expectsCallbacks { differences.append("It expects callbacks.") }
        for trigger in WebhookWish.triggers {
            let event = found.events.first { $0[wish.triggerKey]?.string == trigger }
            guard let event else {
                differences.append("\(trigger): is missing.")
                continue
            }
            if event["enabled"]?.bool == false { differences.append("\(trigger): is disabled.") }
            let method = event["method"]?.string ?? "POST"
            if method != "POST" { differences.append("\(trigger): is sent by \(method).") }
            if let path = event["path"]?.string, !path.isEmpty {
                differences.append("\(trigger): has the path \(path).")
            }
            if event["body"]?.sorted != wish.body(of: trigger).sorted {
                differences.append("\(trigger): has another body.")
            }
        }
        return differences
    }
}

extension JSONTree {
    /// The same with all members in the order of their names: JSON gives it no meaning.
    fileprivate var sorted: JSONTree {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(
                members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
        case .null, .bool, .integer, .number, .string: self
        }
    }
}
