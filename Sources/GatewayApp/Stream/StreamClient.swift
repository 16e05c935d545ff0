import Alerts
import EventLoop
import HTTPServer

/// Somebody who reads the live stream, and how far.
///
/// Holds no event: what could not be sent is read from the store again once there is room, as it
/// is by then.
@LoopActor
final class StreamClient {
    let stream: HTTPBodyStream
    let kinds: Set<Change.Kind>
    /// The number up to which it has everything.
    private(set) var position: Int64
    /// Whether there may be more for it.
    var isBehind = true
    /// Whether its reader may still read: a session ends, and so do the streams that it opened.
    var isStillAdmitted: (@LoopActor () async -> Bool)?
    private var positionTold: Int64

    /// Makes one that has everything up to `position`, which it is told unless it said so itself.
    init(_ stream: HTTPBodyStream, kinds: Set<Change.Kind>, position: Int64, isTold: Bool) {
        self.stream = stream
        self.kinds = kinds
        self.position = position
        positionTold = position
        send(EventText.start)
        if isTold { send(EventText.position(position)) }
    }

    /// Whether something can be sent to it.
    var isReady: Bool { isBehind && stream.isWritable }

    /// Sends what it wants of a page that begins at its position, as far as it reads.
    func send(_ page: EncodedPage) {
        guard page.page.newest >= position else { return reset(.unknown, at: page.page.newest) }
        guard page.page.newest - position <= Limits.streamBacklogMax else {
            return reset(.tooOld, at: page.page.newest)
        }
        var text: [UInt8] = []
        for (index, change) in page.page.changes.enumerated()
        where kinds.contains(change.subject.kind) {
            text += page.frame(at: index)
            position = change.number
            guard text.count >= Limits.streamWriteBytes else { continue }
            send(text)
            text.removeAll(keepingCapacity: true)
            positionTold = position
            guard stream.isWritable else {
                isBehind = true
                return
            }
        }
        if !text.isEmpty {
            send(text)
            positionTold = position
        }
        position = page.page.position
        if page.page.hasMore { isBehind = true }
    }

    /// Tells it to load everything anew, and goes on from there.
    func reset(_ reason: StreamReset, at number: Int64) {
        send(EventText.reset(reason, at: number))
        position = number
        positionTold = number
    }

    /// Gives a sign of life, and says how far it has read if that is not known from an event.
    func keepAlive() {
        guard stream.isWritable else { return }
        send(EventText.keepAlive)
        guard position > positionTold else { return }
        send(EventText.position(position))
        positionTold = position
    }

    private func send(_ text: [UInt8]) { stream.write(text.span) }
}

/// Changes that were read together, each spelled when somebody wants it.
@LoopActor
final class EncodedPage {
    let page: ChangePage
    private var frames: [Int: [UInt8]] = [:]

    init(_ page: ChangePage) { self.page = page }

    /// The event of a change.
    func frame(at index: Int) -> [UInt8] {
        if let frame = frames[index] { return frame }
        let frame = EventText.event(page.changes[index])
        // Few are longer, and none of those is worth the room.
        if frame.count <= Limits.streamFrameBytesKept { frames[index] = frame }
        return frame
    }
}
