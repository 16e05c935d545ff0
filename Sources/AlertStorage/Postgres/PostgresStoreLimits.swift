/// What the PostgreSQL store may use.
package enum PostgresStoreLimits {
    /// Four connections for each replica, and one more that watches the server: a batch of
    /// webhooks, a close or reading that is written, and two lists.
    static let connectionsMax = 4
    /// 256 calls that wait for a connection; the gateway's own parts make no more than a few.
    static let waitingMax = 256
    /// 10 s until one of the connections, all in use, must be free: as long as a statement takes.
    static let turnDuration = Duration.seconds(10)
    /// 1.5 s until a connection must stand when there is none: who asks is told no after 2 s.
    static let absenceDuration = Duration.milliseconds(1500)
    /// 10 s for opening a connection, over all addresses of the server.
    static let openingDuration = Duration.seconds(10)
    /// 10 s for one statement, which the server keeps to: a search over a million alerts takes a
    /// few.
    static let statementDuration = Duration.seconds(10)
    /// 12 s for one round trip: as the server's own limit, and the way there and back.
    static let roundTripDuration = Duration.seconds(12)
    /// 2 s between two looks whether the server is there.
    static let watchInterval = Duration.seconds(2)
    /// 3 s for what takes a millisecond: a server that takes longer is taken for gone.
    static let answerDuration = Duration.seconds(3)
    /// 20 s in which a replica that died between two round trips may hold its locks.
    static let idleTransactionDuration = Duration.seconds(20)
    /// 60 s for bringing the tables up to date, and for waiting while another replica does.
    static let migrationDuration = Duration.seconds(60)
    /// 2 s for changes that are under way to end, before who reads changes is told to come again.
    static let settlingDuration = Duration.seconds(2)
    /// 100 ms between two notifications of what was committed.
    static let noticeInterval = Duration.milliseconds(100)
    /// 1 s for saying that this replica goes.
    static let farewellDuration = Duration.seconds(1)
    /// 5 ms between two looks at those.
    static let settlingInterval = Duration.milliseconds(5)
    /// A transaction that lost against others is tried this many times.
    static let attemptsMax = 5
    /// 500 rows of a search are looked through at a time.
    static let searchRowsMax = 500
}
