/// The bounds of a call to BigPanda's API.
package enum CallLimits {
    /// From the start to a connection that is ready: a second try of a lost packet takes 3 s.
    package static let connectDuration = Duration.seconds(8)
    /// From the start to the end of the answer, after which the outcome counts as unknown.
    package static let duration = Duration.seconds(20)
    /// Bytes of an answer: 100 incidents with 300 alert ids each take 1.5 MiB.
    package static let answerBytesMax = 4 * 1024 * 1024
    /// The longest wait that BigPanda can ask for: as long as the longest wait of our own.
    package static let retryAfterMax = Duration.seconds(300)
    /// Characters of a resolve's comment.
    ///
    /// Source: BigPanda, API reference "Batch resolve alerts", the limit of `comments`.
    package static let commentScalarsMax = 1_000
    /// Bytes of an environment's id.
    package static let environmentIDBytesMax = 64
    /// Characters of an environment's name that are kept.
    package static let environmentNameScalarsMax = 256
    /// Environments that are kept of a list.
    package static let environmentsMax = 1_000
    /// Incidents that are asked for on one page.
    ///
    /// Source: docs/bigpanda.md, "Reading incidents": about 100.
    package static let pageSizeMax = 100
    /// Characters of a search.
    package static let queryScalarsMax = 2_000
}
