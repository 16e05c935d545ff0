import Alerts
import BigPanda
import FuzzDriver
import JSON

/// Bodies of webhooks.
final class PayloadHarness: Sendable {
    // Kept, as the gateway keeps its own: nothing of a body may show in the next.
    // Used by the fuzzer's one thread.
    private nonisolated(unsafe) let decoder = PayloadDecoder(bytesMax: 65_536)
    private let fingerprint = Fingerprint(high: 1, low: 2)

    init() {}

    func check(_ body: [UInt8]) {
        let event = unsafe decode(body, decoder)
        promise(decode(body, PayloadDecoder()) == event, "a fresh decoder says the same")
        guard let event else { return }
        checkBounds(event)
        checkWrapping(body, event)
    }

    private func decode(_ body: [UInt8], _ decoder: PayloadDecoder) -> WebhookEvent? {
        do throws(PayloadRefusal) {
            return try decoder.decode(body, fingerprint: fingerprint)
        } catch {
            return nil
        }
    }

    private func checkBounds(_ event: WebhookEvent) {
        promise(
            (1...PayloadLimits.incidentIDBytesMax).contains(event.incidentID.utf8.count), "an id")
        func bounded(_ text: String?, _ scalarsMax: Int, _ what: String) {
            promise(text?.unicodeScalars.count ?? 0 <= scalarsMax, "\(what) has its bound")
        }
        bounded(event.title, PayloadLimits.titleScalarsMax, "the title")
        bounded(event.summary, PayloadLimits.summaryScalarsMax, "the summary")
        bounded(event.bigPandaStatus, PayloadLimits.statusScalarsMax, "the status")
        bounded(event.severity, PayloadLimits.statusScalarsMax, "the severity")
        bounded(event.environmentID, PayloadLimits.environmentScalarsMax, "the environment")
        promise(event.title != "", "a title isn't empty")
        promise(event.tags?.count ?? 0 <= PayloadLimits.tagsMax, "tags have their bound")
        for tag in event.tags ?? [] {
            bounded(tag.name, PayloadLimits.tagNameScalarsMax, "a tag's name")
            bounded(tag.value, PayloadLimits.tagValueScalarsMax, "a tag's value")
        }
        if let url = event.sourceURL {
            promise(url.utf8.count <= PayloadLimits.linkBytesMax, "a link has its bound")
            let isWeb = ["http://", "https://"].contains { url.lowercased().hasPrefix($0) }
            promise(isWeb, "a link leads to a page")
        }
        promise(event.alertCount ?? 0 >= 0, "a count")
    }

    /// The bare incident and the wrapped one are the same incident.
    private func checkWrapping(_ body: [UInt8], _ event: WebhookEvent) {
        guard let tree = try? JSONTree(parsing: body), tree["incident"] == nil else { return }
        let wrapped = Array("{\"incident\":".utf8) + tree.compact + Array("}".utf8)
        let again = unsafe decode(wrapped, decoder)
        promise(again?.incidentID == event.incidentID, "the id of a wrapped incident")
        promise(again?.active == event.active, "the state of a wrapped incident")
        promise(again?.times == event.times, "the times of a wrapped incident")
        promise(again?.title == event.title, "the title of a wrapped incident")
    }
}
