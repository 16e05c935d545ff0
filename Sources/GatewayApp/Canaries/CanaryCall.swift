import Alerts
import BigPanda
import Curl
import EventLoop
import HTTPServer
import JSON
import TLS

/// The call with which a canary comes in: BigPanda's webhook, made by the gateway to itself, over
/// the network and the public address, as BigPanda makes it.
struct CanaryCall: Sendable {
    /// The source's callback URL.
    let url: String
    /// The source's secret, made for this canary.
    let secret: Secret
    /// The native payload.
    let body: [UInt8]

    /// Makes the call; what is wrong with its answer is told in words.
    typealias Perform = @LoopActor (CanaryCall) async -> Result<AlertID, CanaryCallFailure>

    /// Says that an incident is open.
    init(
        url: String, secret: Secret, incidentID: String, environmentID: String, at now: Timestamp
    ) {
        self.url = url
        self.secret = secret
        let seconds = now.milliseconds / 1000
        var json = JSONWriter()
        json.object { json in
            json.member("event", "incident#new")
            json.name("incident")
            json.object { json in
                json.member("id", incidentID)
                json.member("status", "unknown")
                json.member("severity", "unknown")
                json.member("active", true)
                json.member("startedOn", seconds)
                json.member("changedOn", seconds)
                json.member("updatedOn", seconds)
                json.name("environments")
                json.array { $0.value(environmentID) }
                json.name("alerts")
                json.array { json in
                    json.object { json in
                        json.member("id", incidentID)
                        json.member("active", true)
                        json.member("status", "unknown")
                        json.member("description", Self.text)
                    }
                }
            }
        }
        body = json.bytes
    }

    /// For the one header that has to hold it.
    var secretText: String {
        var bytes: [UInt8] = []
        secret.withBytes { $0.append(to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What people read who come across one.
    static let text = "A canary of bigpanda-gateway: nothing is wrong"

    /// Calls by way of libcurl, within the deadline of canaries.
    static func perform(by driver: CurlDriver) -> Perform {
        { call in
            var request = CurlRequest(method: "POST", url: call.url)
            request.headers = [
                ("Content-Type", "application/json"),
                ("Authorization", "Bearer \(call.secretText)"),
            ]
            request.body = call.body
            request.totalDeadline = .seconds(15)
            request.responseBodyBytesMax = 4096
            // Whoever made the public address one of plain HTTP chose so for BigPanda, too.
            request.allowsPlainHTTP = true
            request.allowsProxy = !((try? BaseURL(call.url))?.isLoopback ?? false)  // As for calls.
            request.allowsRepeat = false
            do throws(CurlError) {
                return alertID(in: try await driver.perform(request))
            } catch {
                return .failure(CanaryCallFailure(reason: error.message))
            }
        }
    }

    private static func alertID(in response: CurlResponse) -> Result<AlertID, CanaryCallFailure> {
        guard response.statusCode == 200 else {
            return .failure(
                CanaryCallFailure(reason: "The callback URL answered \(response.statusCode)."))
        }
        do throws(JSONError) {
            let answer = try JSONTree(parsing: response.body)
            guard let id = answer["alert_id"]?.string, answer["outcome"]?.string == "created" else {
                return .failure(
                    CanaryCallFailure(reason: "The callback URL did not answer as a gateway does."))
            }
            return .success(AlertID(id))
        } catch {
            return .failure(CanaryCallFailure(reason: "The callback URL did not answer in JSON."))
        }
    }
}

/// Why a canary did not come in.
struct CanaryCallFailure: Error, Sendable, Equatable {
    /// In words.
    let reason: String
}
