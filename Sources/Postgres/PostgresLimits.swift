/// What a connection may take.
package enum PostgresLimits {
    /// 3 s to reach one address of the server, with a second try of a lost packet.
    ///
    /// So a server that comes back is found 5 s later at the latest. libpq counts whole seconds.
    static let addressSecondsMax = 3
    /// 10 s of silence before the system asks whether the peer is still there, and three questions
    /// 5 s apart: a server that went away without a word is noticed after 25 s, in a call or not.
    static let keepAliveSeconds = (idle: 10, interval: 5, count: 3)
    /// 25 s for the peer to confirm what was sent, as above; libpq counts milliseconds.
    static let unconfirmedMillisecondsMax = 25_000
    /// 2 s that the server gets beyond its own limit of a statement, before the connection is given
    /// up: for the way there and back, and for undoing the statement.
    static let graceDuration = Duration.seconds(2)
    /// 256 prepared statements on one connection: the texts are constants, and fewer than that.
    static let preparedMax = 256
    /// The libpq that is needed: 14, the first with the pipeline mode.
    static let libraryVersionMin = 140_000
}
