import EventLoop

/// Hears of a request that its route's handler never gets; the server answers it by itself.
package typealias HTTPUnservedHook =
    @LoopActor (HTTPRequestHead, RouteParameters, HTTPUnserved) -> Void

/// Why a request with a whole head does not reach its route's handler.
package enum HTTPUnserved: Sendable, Equatable, CaseIterable {
    /// The path is there, but not for this method: 405.
    case methodNotAllowed
    /// Its content is longer than the route takes: 413.
    case tooLarge
    /// Its content came too slowly: 408.
    case tooSlow
    /// The peer broke off before the content was whole.
    case truncated
    /// The framing of its content is broken: 400 or 431.
    case malformed
    /// The server holds too much of other requests: 503.
    case unavailable
}
