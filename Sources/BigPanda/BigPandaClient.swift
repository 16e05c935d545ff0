package import Alerts
package import Curl
package import EventLoop
import JSON

/// BigPanda's API for one organisation, with one key; each call is made once.
///
/// Source: docs/bigpanda.md, "REST API"; docs/bigpanda-openapi.yaml.
@LoopActor
package final class BigPandaClient: IncidentAPI {
    /// Makes one request.
    typealias Perform = @LoopActor (CallRequest) async -> Result<CallReply, CallBreak>

    private let address: Result<BaseURL, BaseURLError>
    private let key: APIKey
    let now: @LoopActor () -> Timestamp
    private let perform: Perform

    /// Makes a client that calls through `driver` and shares its connections with others.
    ///
    /// - Parameters:
    ///   - driver: Makes the requests.
    ///   - endpoint: Where the API is; with one that is no `BaseURL`, every call is refused.
    ///   - key: Sent as a bearer token, and nowhere else.
    package convenience init(driver: CurlDriver, endpoint: Integration.Endpoint, key: APIKey) {
        self.init(endpoint: endpoint, key: key, now: { .now }) { call in
            do throws(CurlError) {
                return .success(CallReply(try await driver.perform(CurlRequest(call))))
            } catch {
                return .failure(CallBreak(error))
            }
        }
    }

    init(
        endpoint: Integration.Endpoint, key: APIKey, now: @escaping @LoopActor () -> Timestamp,
        perform: @escaping Perform
    ) {
        do throws(BaseURLError) {
            address = .success(try BaseURL(endpoint.baseURL))
        } catch {
            address = .failure(error)
        }
        self.key = key
        self.now = now
        self.perform = perform
    }

    /// Whether a key can be sent: visible ASCII, so that it can't end its header line.
    package nonisolated static func isSendable(_ key: APIKey) -> Bool {
        !key.secretText.isEmpty && key.secretText.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    // The isolation of what the port asks for is stated, or the port's own would be taken over.

    /// The environments that the key can see; also the way to check a key.
    @LoopActor package func environments() async -> Result<[Integration.Environment], CallFailure> {
        await get(CallPath.environments, "a list of environments") {
            ReplyReader.environments($0)
        }
    }

    /// One incident as it is now.
    @LoopActor package func read(
        incidentID: String, environmentID: String
    ) async -> Result<IncidentReading, CallFailure> {
        guard CallPath.names(incidentID, environmentID) else { return .failure(.notFound) }
        return await get(CallPath.incident(incidentID, environmentID), "this incident") {
            ReplyReader.incident($0, id: incidentID, environmentID: environmentID)
        }
    }

    /// A page of an environment's incidents.
    package func incidents(
        environmentID: String, _ search: IncidentSearch
    ) async -> Result<IncidentPage, CallFailure> {
        guard CallPath.isEnvironmentID(environmentID) else { return .failure(.notFound) }
        let path = "\(CallPath.incidents(environmentID))?\(search.text)"
        return await get(path, "a list of incidents") {
            ReplyReader.page($0, environmentID: environmentID)
        }
    }

    /// Closes one incident; BigPanda does it some time after it accepted it.
    ///
    /// - Parameters:
    ///   - incidentID: BigPanda's id of the incident.
    ///   - environmentID: An environment that holds it.
    ///   - message: What BigPanda keeps with it; cut to `CallLimits.commentScalarsMax`.
    /// - Returns: How it was accepted, or why not; `CallFailure.unknown` when it may have been.
    @LoopActor package func close(
        incidentID: String, environmentID: String, message: String
    ) async -> Result<CloseAcceptance, CallFailure> {
        guard CallPath.names(incidentID, environmentID) else { return .failure(.notFound) }
        let path = CallPath.resolve(incidentID, environmentID)
        switch await send("POST", path, body: Self.body(message)) {
        case .success(let reply): return acceptance(reply)
        case .failure(let failure): return .failure(failure)
        }
    }

    private func acceptance(_ reply: CallReply) -> Result<CloseAcceptance, CallFailure> {
        let answered = "BigPanda answered \(reply.statusCode)"
        switch reply.statusCode {
        case 409: return .success(.alreadyClosed)
        case 202: return .success(.accepted)
        case 200..<300:
            // The API answers 202. A page in its place comes from something in between, which may
            // have passed the call on all the same.
            guard reply.body.isEmpty || ReplyReader.isJSON(reply.body) else {
                return .failure(.unknown(reason: "\(answered), but not as its API does"))
            }
            return .success(.accepted)
        // A gateway in between doesn't know what became of the call (RFC 9110, 15.6.3, 15.6.5).
        case 502, 504: return .failure(.unknown(reason: answered))
        default: return .failure(CallFailure(reply, now: now()))
        }
    }

    func get<Answer>(
        _ path: String, _ expected: String, _ decode: ([UInt8]) -> Answer?
    ) async -> Result<Answer, CallFailure> {
        switch await send("GET", path, body: nil) {
        case .failure(let failure): return .failure(failure)
        case .success(let reply):
            guard reply.isSuccess else { return .failure(CallFailure(reply, now: now())) }
            guard let answer = decode(reply.body) else {
                let reason = "it answered \(reply.statusCode) with something other than \(expected)"
                return .failure(.notBigPanda(reason: reason))
            }
            return .success(answer)
        }
    }

    func send(
        _ method: String, _ path: String, body: [UInt8]?
    ) async -> Result<CallReply, CallFailure> {
        let baseURL: BaseURL
        switch address {
        case .success(let checked): baseURL = checked
        case .failure(let error):
            return .failure(.refused(reason: "The base URL \(error.description)"))
        }
        guard Self.isSendable(key) else { return .failure(.keyRejected) }
        let request = CallRequest(
            method: method, baseURL: baseURL, path: path, key: key, body: body,
            trace: TraceContext.current)
        return await perform(request).mapError { failure in
            CallFailure(failure, isRepeatable: method == "GET")
        }
    }

    /// `{"comments":"…"}`; never empty, as the text is called required.
    private static func body(_ message: String) -> [UInt8] {
        let cut = String(message.unicodeScalars.prefix(CallLimits.commentScalarsMax))
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("comments", cut.trimmed.isEmpty ? "Resolved in bigpanda-gateway" : cut)
        }
        return writer.bytes
    }
}

extension Timestamp {
    fileprivate static var now: Timestamp {
        Timestamp(milliseconds: SystemClock.wallMilliseconds())
    }
}
