import EventLoop
import JSON

/// One webhook that was posted, or lost on the way.
struct WebhookDelivery {
    let index: Int
    let atMilliseconds: Int64
    let event: String
    let incidentID: String
    /// The receiver's answer; 0 for none.
    let statusCode: Int
    let body: [UInt8]
    /// Why it was never posted: `lost` by order, or `overflow`.
    let fate: String?

    var json: JSONTree {
        var members: [JSONTree.Member] = [
            .init("index", .integer(Int64(index))), .init("at", .integer(atMilliseconds)),
            .init("event", .string(event)), .init("incident_id", .string(incidentID)),
            .init("status", .integer(Int64(statusCode))),
            .init("body", .string(String(decoding: body, as: UTF8.self))),
        ]
        if let fate { members.append(.init("fate", .string(fate))) }
        return .object(members)
    }
}

/// Posts webhooks, never twice by itself: those of one incident one after the other, those of
/// different incidents side by side.
@LoopActor
final class WebhookSender {
    /// Posts a body and says with which status it was answered; 0 for no answer.
    typealias Post = @LoopActor (_ target: WebhookTarget, _ body: [UInt8]) async -> Int

    /// A webhook on its way.
    private struct Webhook {
        let event: String
        let incidentID: String
        let body: [UInt8]
    }

    /// Where webhooks go.
    var target: WebhookTarget

    private let post: Post
    private let delayed = DelayedWork()
    /// What waits, by lane; a lane is an incident's, or taken over from a held-back webhook.
    private var lanes: [String: [Webhook]] = [:]
    private var waitingLanes: [String] = []
    private var runningLanes: Set<String> = []
    private var tasks: [String: Task<Void, Never>] = [:]
    private var queuedCount = 0
    /// Ordered to come after the next one.
    private var held: [Webhook] = []
    private var deliveries: [WebhookDelivery] = []
    private var nextIndex = 0
    private var isStopped = false

    init(target: WebhookTarget, post: @escaping Post) {
        self.target = target
        self.post = post
    }

    /// What was posted so far, oldest first.
    var json: [JSONTree] { deliveries.map(\.json) }

    /// Posts that an event happened, once it is its turn.
    func send(_ event: String, _ incident: StubIncident, fault: Fault?) {
        guard !target.url.isEmpty else { return }
        let webhook = Webhook(
            event: event, incidentID: incident.id, body: target.body(event, incident))
        switch fault?.kind {
        case .lost: return record(webhook, statusCode: 0, fate: "lost")
        case .reordered: return held.append(webhook)
        case .delay: return postLate(webhook, after: fault?.delayMilliseconds ?? 0)
        case .doubled: enqueue(webhook, lane: incident.id)
        case .ok, .status, .drop, .garbage, .html, .truncated, .applyThenDrop, .ignore, .mix, nil:
            break
        }
        enqueue(webhook, lane: incident.id)
        for late in held { enqueue(late, lane: incident.id) }
        held = []
    }

    /// Posts once more what was posted before.
    func repeatDelivery(at index: Int) throws(StubRefusal) {
        guard let first = deliveries.first?.index, deliveries.indices.contains(index - first)
        else { throw .notFound("delivery") }
        let delivery = deliveries[index - first]
        let webhook = Webhook(
            event: delivery.event, incidentID: delivery.incidentID, body: delivery.body)
        enqueue(webhook, lane: delivery.incidentID)
    }

    /// Drops what waits and lets what is being posted end.
    func stop() async {
        isStopped = true
        delayed.cancelAll()
        lanes = [:]
        waitingLanes = []
        held = []
        queuedCount = 0
        for task in tasks.values { await task.value }
    }

    private func enqueue(_ webhook: Webhook, lane: String) {
        guard !isStopped else { return }
        guard queuedCount < StubLimits.webhooksQueuedMax else {
            return record(webhook, statusCode: 0, fate: "overflow")
        }
        queuedCount += 1
        if lanes[lane] == nil { waitingLanes.append(lane) }
        lanes[lane, default: []].append(webhook)
        startLanes()
    }

    private func startLanes() {
        while runningLanes.count < StubLimits.webhookLanesMax, let lane = waitingLanes.first {
            waitingLanes.removeFirst()
            runningLanes.insert(lane)
            tasks[lane] = LoopActor.spawn { [self] in await run(lane) }
        }
    }

    private func run(_ lane: String) async {
        while !isStopped, let webhook = lanes[lane]?.first {
            lanes[lane]?.removeFirst()
            queuedCount -= 1
            let startedAt = SystemClock.wallMilliseconds()
            let statusCode = await post(target, webhook.body)
            record(webhook, statusCode: statusCode, at: startedAt)
        }
        lanes[lane] = nil
        tasks[lane] = nil
        runningLanes.remove(lane)
        startLanes()
    }

    /// Posts without making others wait meanwhile, as for a webhook that is late.
    private func postLate(_ webhook: Webhook, after milliseconds: Int64) {
        delayed.after(milliseconds: milliseconds) { [weak self] in
            self?.enqueue(webhook, lane: webhook.incidentID)
        }
    }

    private func record(
        _ webhook: Webhook, statusCode: Int, at milliseconds: Int64? = nil, fate: String? = nil
    ) {
        // Dropped in blocks, so that a full log doesn't move all of itself for each webhook.
        if deliveries.count >= StubLimits.deliveriesMax {
            deliveries.removeFirst(StubLimits.deliveriesMax / 10)
        }
        deliveries.append(
            WebhookDelivery(
                index: nextIndex, atMilliseconds: milliseconds ?? SystemClock.wallMilliseconds(),
                event: webhook.event, incidentID: webhook.incidentID, statusCode: statusCode,
                body: webhook.body, fate: fate))
        nextIndex += 1
    }
}
