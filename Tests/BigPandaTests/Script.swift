import Alerts
import EventLoop

@testable import BigPanda

/// A client whose calls are answered from a script.
@LoopActor
final class Script {
    private(set) var requests: [CallRequest] = []
    private let answer: Result<CallReply, CallBreak>
    let baseURL: String
    let key: String

    init(
        _ answer: Result<CallReply, CallBreak>, baseURL: String = "https://api.example",
        key: String = "BPU-key"
    ) {
        self.answer = answer
        self.baseURL = baseURL
        self.key = key
    }

    convenience init(_ statusCode: Int, _ body: String = "", retryAfter: String? = nil) {
        self.init(
            .success(
                CallReply(statusCode: statusCode, retryAfter: retryAfter, body: Array(body.utf8))))
    }

    var client: BigPandaClient {
        BigPandaClient(
            endpoint: Integration.Endpoint(region: nil, baseURL: baseURL), key: APIKey(key),
            now: { Timestamp(milliseconds: 784_111_740_000) }
        ) { [self] request in
            requests.append(request)
            return answer
        }
    }
}

/// The incident and environment that calls are about.
enum Known {
    static let incident = "681102f731824249f48df555"
    static let environment = "63bd568809cb331300ffa555"
}

extension Result {
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
