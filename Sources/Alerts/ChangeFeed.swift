/// Tells what changed in a store, by numbers that grow with each change of everything.
///
/// Alerts, closes, integrations and deliveries carry the number of their newest change, so what is
/// told is each one's present state, however often it changed. What is removed for its age is not
/// told.
package protocol ChangeFeed: Sendable {
    /// A number up to which everything can be read; 0 before the first change.
    ///
    /// - Throws: `busy` when other replicas' changes are under way for too long to tell.
    func latestChange() async throws(StoreError) -> Int64
    /// What changed since, oldest first; nothing while older changes are under way for long.
    func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage
    /// Has `body` called, on any thread, after each commit that may have changed something; `nil`
    /// ends that.
    func onChange(_ body: (@Sendable () -> Void)?)
}

/// Something that changed, as it is now.
package struct Change: Sendable, Equatable {
    /// What kind of thing it is.
    package enum Kind: String, Sendable, CaseIterable {
        /// An alert, or its close.
        case alert
        /// A close.
        case close
        /// A delivery that came in.
        case delivery
        /// An integration.
        case integration
    }

    /// What changed.
    package enum Subject: Sendable, Equatable {
        /// An alert with its close.
        case alert(AlertMachine.Subject)
        /// A close.
        case close(Close)
        /// A delivery, without what was sent.
        case delivery(Delivery)
        /// An integration.
        case integration(Integration)
        /// An integration that is no more.
        case removedIntegration(IntegrationID)

        /// What kind of thing it is.
        package var kind: Kind {
            switch self {
            case .alert: .alert
            case .close: .close
            case .delivery: .delivery
            case .integration, .removedIntegration: .integration
            }
        }
    }

    /// Its place in the order of all changes.
    package let number: Int64
    /// What changed.
    package let subject: Subject

    /// Makes a change.
    package init(number: Int64, subject: Subject) {
        self.number = number
        self.subject = subject
    }
}

/// Which changes to read.
package struct ChangeQuery: Sendable, Equatable {
    /// Those with greater numbers.
    package let after: Int64
    /// Those of these kinds.
    package let kinds: Set<Change.Kind>
    /// Changes at most.
    package let limit: Int

    /// Asks for the first `limit` changes after a number.
    package init(
        after: Int64, kinds: Set<Change.Kind> = Set(Change.Kind.allCases), limit: Int = 100
    ) {
        self.after = after
        self.kinds = kinds
        self.limit = limit
    }
}

/// Changes that were read together.
package struct ChangePage: Sendable, Equatable {
    /// The changes, by number.
    package let changes: [Change]
    /// The number up to which everything was read, the one to go on after.
    package let position: Int64
    /// The newest number that there is, whether or not it can be read.
    package let newest: Int64

    /// Puts a page together.
    ///
    /// - Parameters:
    ///   - query: What was asked for.
    ///   - settled: The number up to which everything can be read; `nil` when that is not known.
    ///   - newest: The newest number that there is.
    ///   - found: What each kind has up to `settled`, the first `limit` at most. A kind that has
    ///     more leaves out what is beyond its last, so that the page may have to end there.
    package init(_ query: ChangeQuery, settled: Int64?, newest: Int64, _ found: [[Change]] = []) {
        let all = found.joined().sorted { $0.number < $1.number }
        changes = Array(all.prefix(query.limit))
        let isWhole = all.count < query.limit
        position = max(query.after, (isWhole ? settled : changes.last?.number) ?? query.after)
        self.newest = newest
    }

    /// Whether there is more to read.
    package var hasMore: Bool { position < newest }
}
