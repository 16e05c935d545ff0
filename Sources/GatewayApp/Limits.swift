package import Alerts

/// The bounds of everything in the application that waits or queues.
package enum Limits {
    /// Webhooks in one transaction: enough to share an fsync among all that a storm brings, few
    /// enough that the transaction stays below about 50 ms.
    package static let batchArrivalsMax = 512
    /// Webhooks waiting for the store; above it updates and creations are refused with 503.
    package static let arrivalsHighWater = 4096
    /// Webhooks waiting for the store, closes and re-opens included; above it all are refused.
    package static let arrivalsMax = 8192
    /// Places on top of these for sources that have less waiting than their share.
    package static let arrivalsReserved = 1024
    /// 12 MiB of bodies waiting for the store; above it updates and creations are refused.
    ///
    /// Less than the server holds of bodies (`HTTPLimits.smallBodiesBytesMax`), so that closes get
    /// past it.
    package static let arrivalBytesHighWater = 12 << 20
    /// 24 MiB of bodies waiting for the store, closes and re-opens included.
    package static let arrivalBytesMax = 24 << 20
    /// 4 MiB of bodies in one transaction, and always one webhook: to compress them takes 50 ms.
    package static let batchBytesMax = 4 << 20
    /// What a sender is told to wait after a 503, in seconds.
    package static let retryAfterSeconds = 5
    /// Callers waiting for their turn at one integration; each is a close taken up, a reading or
    /// a person's key check, so more means a fault.
    package static let waitingCallsMax = 1024
    /// A person's key check waits this long for its turn behind other calls.
    package static let checkWaitMax = Duration.seconds(15)
    /// Keys of integrations that are not connected are checked again this often, about.
    package static let keyRecheckInterval = Duration.seconds(300)
    /// Such checks under way at once, each of which may wait for an organisation that is away.
    package static let keyRechecksMax = 4
    /// Closes taken up in one go: as many as an integration may have under way.
    ///
    /// What is taken up counts as tried, so none is before it can be.
    package static let closesClaimedMax = 4
    /// A lease lasts this long after each renewal; another gateway takes it up at most a renewal's
    /// interval later.
    package static let leaseDuration = Duration.seconds(15)
    /// Between two renewals of a lease, or two tries to get it.
    package static let leaseRenewalInterval = Duration.seconds(5)
    /// Who holds a lease believes so for this much less than the store.
    package static let leaseMargin = Duration.seconds(1)
    /// Between two looks for closes that other gateways left: those of one that died, and those
    /// that became owed where nobody lived to make them.
    package static let closesSharedPoll = Duration.seconds(2)
    /// Between two tries for a turn that a call of another gateway holds up.
    package static let turnPoll = Duration.milliseconds(50)
    /// Between two tries for a turn while the store is away.
    package static let turnRetry = Duration.seconds(1)
    /// How long a start waits for a database server that is not there yet.
    package static let storeWaitMax = Duration.seconds(30)
    /// Between two tries of that.
    package static let storeWaitStep = Duration.seconds(1)
    /// Between two lines of the log about the previous admin token.
    package static let previousTokenReminder = Duration.seconds(3600)
    /// How long stopping waits for calls under way; the process must be gone after 10 s.
    package static let stopDurationMax = Duration.seconds(8)
    /// Incidents waiting to be read back at once; more are left to the schedule.
    package static let readingsMax = 1024
    /// Due readings of an integration looked up in one go: about 200 KB, and a list of ten pages.
    package static let readingsDueMax = 1000
    /// Incidents read one by one before what is due is looked up anew: about 20 s.
    package static let readingsInTurnMax = 100
    /// Due readings of one environment up to which each incident is read by itself: reading them
    /// all from a list costs a call for each hundred of all its open incidents.
    package static let readingsUnlistedMax = 10
    /// Readings planned anew in one transaction after a start, so that webhooks get between.
    package static let readingsPlannedMax = 100
    /// While webhooks come in, planning readings anew rests this many times as long as it took: a
    /// million of them would take the store two thirds of its time for a minute.
    package static let planningRest = 9
    /// Between two looks for due readings; a twentieth of the interval, but no longer than this.
    package static let readingsPollMax = Duration.seconds(5)
    /// Waits after calls for readings that came to nothing; they are in no hurry.
    package static let readingRetries = RetrySchedule(base: .seconds(2), cap: .seconds(300))
    /// Bytes of an admin request's body: the largest is an integration with a long key.
    package static let adminBodyBytesMax = 65_536
    /// Bytes of a sign-in's body: a token and the words around it.
    package static let signInBodyBytesMax = 4096
    /// Characters of an admin token that somebody signs in with.
    package static let tokenCharactersMax = 1024
    /// A session's use is written no more often than this, so that looking costs no commit.
    package static let sessionUseInterval = Duration.seconds(60)
    /// A named token's use is written no more often than this, so that looking costs no commit.
    package static let tokenUseInterval = Duration.seconds(60)
    /// Statistics are worked out no more often than this, however many pages ask.
    package static let statisticsAgeMax = Duration.seconds(5)
    /// Deliveries that an export holds, the newest, and the bytes of their bodies together.
    package static let exportDeliveriesMax = 500
    /// 8 MiB of bodies in an export; what is beyond is named there and can be had one by one.
    package static let exportBytesMax = 8 << 20
    /// Entries of a timeline that one answer shows, the newest.
    package static let timelineEntriesMax = 1000
    /// Characters of a name that people give.
    package static let nameCharactersMax = 200
    /// Characters of a comment; BigPanda is told at most 1,000 of them.
    package static let commentCharactersMax = 4000
    /// Bytes of an API key; BigPanda's are about 40.
    package static let keyBytesMax = 512
    /// Closes whose trace is remembered: 200 KB at most.
    package static let closeTracesMax = 1024
    /// Lines waiting to be logged; what comes on top is counted and dropped.
    package static let logLinesMax = 8192
    /// Sources and integrations, all held in memory: about 1 KB each.
    package static let directoryEntriesMax = 10_000
    /// Alerts removed in one transaction when they are past their retention.
    package static let pruneBatch = 500
    /// How long an answer waits for other gateways to take in what it tells of.
    package static let replicasWaitMax = Duration.seconds(2)
    /// An integration that others changed meanwhile is read and changed anew this many times.
    package static let changeAttemptsMax = 5
    /// Between two looks whether they have: they mostly need some milliseconds.
    package static let replicasPollInterval = Duration.milliseconds(10)
    /// Live streams at once: some for each of a team, and each costs a connection.
    package static let streamsMax = 128
    /// Between two looks for changes: what changes often is told ten times a second at most.
    package static let streamInterval = Duration.milliseconds(100)
    /// Changes read in one go: about 100 KB, and some milliseconds to spell.
    package static let streamPageChanges = 200
    /// Changes behind which a reader is told to load everything anew instead: that is some lists,
    /// while these would take ten seconds.
    package static let streamBacklogMax: Int64 = 20_000
    /// Bytes of events handed to a connection before looking whether it takes more.
    package static let streamWriteBytes = 32_768
    /// Bytes of an event up to which its text is kept for the others that want it.
    package static let streamFrameBytesKept = 16_384
    /// Between two signs of life; proxies drop connections that are silent for 30 or 60 s.
    package static let streamHeartbeat = Duration.seconds(15)
    /// Bytes of a request's header that the journal keeps: several times what senders send.
    package static let deliveryHeaderBytesMax = 8192
    /// Bytes of a refused webhook's body that the journal keeps; of a larger one it keeps none.
    package static let refusedBodyBytesMax = 65_536
    /// Refused webhooks waiting for the journal; what comes on top is counted only.
    package static let refusalsWaitingMax = 512
    /// 4 MiB of refused bodies and headers waiting for the journal.
    package static let refusalBytesWaitingMax = 4 << 20
    /// How long stopping waits for refused webhooks that are being stored.
    package static let refusalsStoringMax = Duration.seconds(1)
    /// Refused webhooks of strangers that the journal keeps in any minute.
    package static let strangersKeptPerMinuteMax = 60
    /// Webhook endpoints that are posted to side by side, so that one that hangs holds up none of
    /// the others as long as not this many hang.
    package static let outboundRoundsMax = 16
    /// Messages posted in one go to an endpoint before what came of them is stored.
    package static let outboundRoundMessagesMax = 8
    /// From the start of a post to a connection that is ready.
    package static let outboundConnectMax = Duration.seconds(8)
    /// From the start of a post to the end of its answer.
    ///
    /// Source: Standard Webhooks, "Deliverability and reliability": 15 to 30 s.
    package static let outboundCallMax = Duration.seconds(15)
    /// 16 KiB of an answer are read, so that a connection whose answer is no longer can be used
    /// again, and none of them is kept.
    package static let outboundAnswerBytesMax = 16_384
    /// How long stopping waits until posts that were broken off are given back to the store.
    package static let outboundGiveBackMax = Duration.seconds(1)
    /// Webhooks to endpoints that are kept, the newest: about 1 GB, whatever becomes of endpoints.
    package static let outboundMessagesMax = 500_000
    /// What endpoints were told is kept this long at most.
    package static let outboundRetentionMax = Duration.seconds(30 * 86_400)
    /// Deliveries removed in one transaction: some 10 ms.
    package static let journalPruneBatch = 1000
}
