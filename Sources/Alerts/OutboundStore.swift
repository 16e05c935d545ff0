/// Keeps webhook endpoints, and what they are told; every call is one transaction.
///
/// Messages are written by the transactions of `AlertStore` and `ReconcileStore` that make what
/// they tell of, for each enabled endpoint that asked for it: one that was acknowledged is told.
package protocol OutboundStore: Sendable {
    /// All endpoints, by name.
    func endpoints() async throws(StoreError) -> [OutboundEndpoint]
    /// Adds an endpoint and seals its secret.
    func insert(
        _ endpoint: OutboundEndpoint, secret: SigningSecret
    ) async throws(StoreError)
    /// Changes an endpoint as it is now; `nil` when there is none.
    func change(
        _ id: EndpointID, _ change: EndpointChange, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint?
    /// Gives an endpoint another secret; the one before signs too until `overlapEndsAt`. Returns
    /// `nil` when there is no such endpoint.
    func rotate(
        _ id: EndpointID, to secret: SigningSecret, overlapEndsAt: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> OutboundEndpoint?
    /// Removes an endpoint, and with it, soon after, what it was told; whether there was one.
    func removeEndpoint(_ id: EndpointID) async throws(StoreError) -> Bool

    /// An endpoint's messages by filter, newest first.
    func messages(_ query: MessageQuery) async throws(StoreError) -> Page<OutboundMessage>
    /// One message of an endpoint with what is posted.
    func message(
        _ id: MessageID, of endpointID: EndpointID
    ) async throws(StoreError) -> KeptMessage?
    /// Makes a message that is about no alert owed; `nil` when there is no such endpoint.
    func sendTest(
        to id: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Swift.Result<OutboundMessage, OutboundRefusal>?
    /// Makes a message owed again (`OutboundMachine.replay`); `nil` when there is no such message.
    func replay(
        _ id: MessageID, of endpointID: EndpointID, at now: Timestamp
    ) async throws(StoreError) -> Swift.Result<OutboundMessage, OutboundRefusal>?

    /// Takes up what is due: for each endpoint that nobody else works for, its messages that are
    /// longest due, and of those about one alert the oldest only.
    func claimMessages(_ claim: OutboundClaim) async throws(StoreError) -> [OutboundRound]
    /// Records what a round came to, and ends it.
    ///
    /// - Returns: The endpoint as it is now; `nil` when it is gone or somebody else works for it.
    func conclude(
        _ conclusion: OutboundConclusion
    ) async throws(StoreError) -> OutboundEndpoint?
    /// When the next message is due, but for those of some endpoints; `nil` when none is owed.
    func nextMessageDueAt(
        excluding endpoints: Set<EndpointID>
    ) async throws(StoreError) -> Timestamp?
    /// Makes what a gateway that ended had taken up due again; a store that several gateways use
    /// leaves that to the end of the lease.
    func recoverRounds() async throws(StoreError)
    /// What is owed to endpoints that are enabled.
    func outboundStatistics() async throws(StoreError) -> OutboundStatistics
    /// Removes messages of endpoints that are gone, others from before `moment`, and the oldest
    /// beyond `countMax`; at most `limit`.
    ///
    /// - Returns: How many there were.
    func pruneMessages(
        before moment: Timestamp, beyond countMax: Int, limit: Int
    ) async throws(StoreError) -> Int
    /// Has `body` called, on any thread, after each commit that made messages owed; `nil` ends
    /// that.
    func onMessages(_ body: (@Sendable () -> Void)?)
}

/// Why a wish about messages can't be met.
package enum OutboundRefusal: Error, Sendable, Equatable {
    /// The endpoint is disabled.
    case disabled
}

/// How much to take up, and for whom not.
package struct OutboundClaim: Sendable, Equatable {
    /// What is due at this moment.
    package let at: Timestamp
    /// Endpoints at most.
    package let roundsMax: Int
    /// Messages for each of them at most.
    package let messagesMax: Int
    /// Endpoints that a round is under way for.
    package let excluded: Set<EndpointID>

    /// Makes a claim.
    package init(
        at: Timestamp, roundsMax: Int, messagesMax: Int, excluded: Set<EndpointID> = []
    ) {
        self.at = at
        self.roundsMax = roundsMax
        self.messagesMax = messagesMax
        self.excluded = excluded
    }
}

/// What was taken up for one endpoint.
package struct OutboundRound: Sendable, Equatable {
    /// The endpoint.
    package let endpointID: EndpointID
    /// Where its webhooks go.
    package let url: String
    /// What they are signed with, the current one first.
    package let secrets: [SigningSecret]
    /// What is to be posted, in this order.
    package let messages: [KeptMessage]
    /// Which claim it is; what is concluded under an older one is ignored.
    package let fence: Int64

    /// Puts one together.
    package init(
        endpointID: EndpointID, url: String, secrets: [SigningSecret], messages: [KeptMessage],
        fence: Int64
    ) {
        self.endpointID = endpointID
        self.url = url
        self.secrets = secrets
        self.messages = messages
        self.fence = fence
    }
}

/// What came of a round.
package struct OutboundConclusion: Sendable, Equatable {
    /// The endpoint.
    package let endpointID: EndpointID
    /// The claim that it was under.
    package let fence: Int64
    /// The tries, in order; messages that are missing were not tried.
    package let attempts: [OutboundMachine.Attempt]

    /// Puts one together.
    package init(
        endpointID: EndpointID, fence: Int64, attempts: [OutboundMachine.Attempt]
    ) {
        self.endpointID = endpointID
        self.fence = fence
        self.attempts = attempts
    }
}

/// What is owed to endpoints that are enabled.
package struct OutboundStatistics: Sendable, Equatable {
    /// Messages.
    package var pendingCount = 0
    /// When what the oldest of them tells of happened.
    package var oldestPending: Timestamp?

    /// Nothing is.
    package init() {}
}
