/// Every number that bounds what a peer can make the server hold or wait for.
package struct HTTPLimits: Sendable, Equatable {
    /// The request line's bytes without its end; 8,000 is what RFC 9112, section 3, asks for.
    package var requestLineBytesMax = 8_000
    /// Bytes of a PROXY preamble; addresses need 232, and a client's certificate some 2 KB more.
    package var proxyPreambleBytesMax = 4_096
    /// A method's bytes; the longest registered one has 17 (`UPDATEREDIRECTREF`).
    package var methodBytesMax = 32
    /// Bytes of request line and fields together; four times what nginx takes.
    package var headBytesMax = 65_536
    /// Field lines in a head, and in a trailer section; at most 100, the parser's table.
    package var fieldsMax = 100
    /// Bytes of one message's chunk extensions; nobody uses them, so what is longer is an attack.
    package var chunkExtensionBytesMax = 4_096
    /// Bytes of a trailer section; trailers are dropped, so few are let in.
    package var trailerBytesMax = 8_192
    /// Bytes that may wait behind a request still unanswered; beyond it reading pauses.
    ///
    /// Few peers pipeline, and one read may add 64 KiB.
    package var pipelinedBytesMax = 8_192
    /// Unsent bytes beyond which no further request is read from the same peer.
    package var unsentBytesMax = 262_144

    // The bounds of all connections together, sized so that a container of 128 MiB holds them.

    /// 4 MiB of unfinished heads; beyond it one that comes in pieces gets 503.
    ///
    /// Anybody may send those, so they have a bound apart from bodies.
    package var headBytesInAllMax = 4 << 20
    /// 4 MiB of requests that wait behind others; beyond it more are dropped, and who sends them
    /// without reading the answers is cut off.
    package var pipelinedBytesInAllMax = 4 << 20
    /// 16 MiB of bodies that are no large ones; beyond it one that comes in pieces gets 503.
    package var smallBodiesBytesMax = 16 << 20
    /// Bytes from which on a body is a large one; nearly all webhooks are smaller.
    package var largeBodyBytesMin = 65_536
    /// 24 MiB of large bodies, those announced counted whole; one is always let in.
    ///
    /// Beyond it a large body gets 503 before it is read, so that those let in can be finished.
    package var largeBodiesBytesMax = 24 << 20
    /// 8 MiB that peers have not read; beyond it each may leave one answer unread.
    package var unsentBytesInAllMax = 8 << 20

    /// Until the head is whole, from its first byte; a slow phone needs 2 s.
    package var headDurationMax = Duration.seconds(10)
    /// Without a byte of the body; and the head start that the least rate has.
    package var bodyIdleDurationMax = Duration.seconds(30)
    /// Bytes per second that a body must keep up on average after its head start.
    package var bodyRateMin = 1_024
    /// Between two requests; longer than the 60 s after which load balancers drop a connection.
    package var idleDurationMax = Duration.seconds(75)
    /// From a whole request to its answer; longer than any handler's own deadline.
    package var answerDurationMax = Duration.seconds(60)
    /// Without progress in sending to a peer that doesn't read.
    package var stalledDurationMax = Duration.seconds(30)
    /// After the last answer, for the peer to read it and close.
    package var lingerDurationMax = Duration.seconds(2)
    /// Bytes dropped after the last answer, so that a peer still sending isn't reset before it
    /// has read the answer (RFC 9112, section 9.6).
    package var lingerBytesMax = 16_777_216

    /// Open connections; each costs a few KB, so this many fit in 64 MB.
    package var connectionsMax = 10_240
    /// How often deadlines are looked at, and so how late one may fire.
    package var deadlineInterval = Duration.milliseconds(250)
    /// How long idle connections stay open once a drain began: a request that is under way to us
    /// is answered instead of reset.
    package var drainIdleDuration = Duration.milliseconds(500)

    /// The defaults.
    package init() {}
}
