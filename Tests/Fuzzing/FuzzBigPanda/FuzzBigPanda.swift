import Alerts
import FuzzDriver

@testable import BigPanda

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    unsafe FuzzDriver.run(bytes, count) { FuzzBigPanda.check($0) }
}

/// What BigPanda, or who pretends to be it, sends: webhooks, answers of its API and their fields.
///
/// The input's first byte says which of them the rest is; the letters are those of `Kind`.
enum FuzzBigPanda {
    private enum Kind: UInt8 {
        case environments = 0x65, incident = 0x69, page = 0x70, absence = 0x61
        case retryAfter = 0x72, baseURL = 0x75
    }

    private static let payloads = PayloadHarness()

    static func check(_ input: [UInt8]) {
        let rest = Array(input.dropFirst())
        switch input.first.flatMap(Kind.init(rawValue:)) {
        case .environments: environments(rest)
        case .incident: incident(rest)
        case .page: page(rest)
        case .absence: _ = ReplyReader.absence(rest)
        case .retryAfter: retryAfter(String(decoding: rest, as: UTF8.self))
        case .baseURL: baseURL(String(decoding: rest, as: UTF8.self))
        // Anything else is a webhook, whose bodies begin with a brace of their own.
        case nil: payloads.check(input)
        }
    }

    private static func environments(_ body: [UInt8]) {
        guard let found = ReplyReader.environments(body) else { return }
        promise(found.count <= CallLimits.environmentsMax, "a list has its bound")
        for environment in found {
            promise(CallPath.isEnvironmentID(environment.id), "an id that a path can carry")
            promise(
                environment.name.unicodeScalars.count <= CallLimits.environmentNameScalarsMax,
                "a name has its bound")
        }
    }

    private static func incident(_ body: [UInt8]) {
        let reading = ReplyReader.incident(body, id: "1", environmentID: "e")
        promise(reading?.environmentID ?? "e" == "e", "the environment is the one asked")
        if reading != nil { promise(ReplyReader.isJSON(body), "a reading comes from JSON") }
    }

    private static func page(_ body: [UInt8]) {
        guard let page = ReplyReader.page(body, environmentID: "e") else { return }
        promise(page.incidents.count <= CallLimits.pageSizeMax, "a page has its bound")
        for incident in page.incidents {
            let path = CallPath.encoded(incident.id)
            promise(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a path is visible ASCII")
        }
    }

    private static func retryAfter(_ value: String) {
        guard let duration = RetryAfter.duration(value, now: Timestamp(milliseconds: 0)) else {
            return
        }
        promise(duration >= .zero && duration <= CallLimits.retryAfterMax, "\(duration) to wait")
    }

    private static func baseURL(_ text: String) {
        guard let url = try? BaseURL(text) else { return }
        promise((try? BaseURL(url.text)) == url, "what was checked passes again")
        promise(!url.isPlain || url.isLoopback, "no key goes out in the clear")
        promise(!url.text.hasSuffix("/"), "a path can be appended")
    }
}
