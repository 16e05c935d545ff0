import Alerts
import EventLoop
import GatewayTesting
import HTTPServer
import JSON
import Testing

@testable import GatewayApp

private typealias Intake = DeliveryIntake

@Suite struct DeliveryRoutesTests {
    private static let payload = #"{"event":"incident#new","incident":{"id":"i1","active":true}}"#
    private static let closed = #"{"event":"incident#closed","incident":{"id":"i1"}}"#

    @Test func `an accepted webhook is shown as it was sent`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            #expect(try await intake.post(Self.payload) == 200)
            let delivery = try await intake.newest()
            #expect(delivery["outcome"]?.string == "created")
            #expect(delivery["reason"] == nil)
            #expect(delivery["incident_id"]?.string == "i1")
            #expect(delivery["peer"]?.string == "192.0.2.1")
            #expect(delivery["secret_id"]?.string == "sec_1")
            #expect(delivery["body"]?.string == Self.payload)
            #expect(delivery["bytes"]?.int64 == Int64(Self.payload.utf8.count))
            #expect(delivery["headers"]?["Content-Type"]?.string == "application/json")
        }
    }

    static let secrets = [
        Intake.secret, Intake.token, "BPU-key-0123456789", Intake.signing, Intake.previousSigning,
    ]

    @Test(arguments: secrets)
    func `a secret in a body is neither kept nor shown`(secret: String) async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            let body = #"{"id":"i1","description":"look: \#(secret)","note":"\#(secret)"}"#
            #expect(try await intake.post(body) == 200)
            let stars = String(repeating: "*", count: secret.utf8.count)
            let masked = body.split(separator: secret, omittingEmptySubsequences: false)
            let delivery = try await intake.newest()
            #expect(delivery["body"]?.string == masked.joined(separator: stars))
            let id = try #require(delivery["alert_id"]?.string)
            let subject = try #require(try await intake.store.alert(AlertID(id)))
            #expect(subject.alert.summary == "look: \(stars)")
        }
    }

    @Test(arguments: ["", "x", "whsec_"], [Intake.signing, Intake.previousSigning])
    func `a signing secret is found however JSON spells it`(
        before: String, secret: String
    ) async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            let spelled = secret.split(separator: "/").joined(separator: #"\/"#)
            let body = #"{"id":"i1","description":"\#(before)\#(spelled)="}"#
            #expect(try await intake.post(body) == 200)
            let stars = String(repeating: "*", count: spelled.utf8.count)
            let kept = try await intake.newest()["body"]?.string
            #expect(kept == #"{"id":"i1","description":"\#(before)\#(stars)="}"#)
        }
    }

    @Test func `the secret that was shown is found inside a word too`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            #expect(try await intake.post("x" + Intake.secret) == 400)
            let stars = String(repeating: "*", count: Intake.secret.utf8.count)
            #expect(try await intake.newest()["body"]?.string == "x" + stars)
        }
    }

    static let refusals: [(body: String, type: String, code: Int, reason: String)] = [
        ("{", "application/json", 400, "not_json"),
        ("{}", "application/json", 400, "no_incident_id"),
        (#"{"id":7}"#, "application/json", 400, "bad_incident_id"),
        (payload, "text/plain", 415, "unsupported_media_type"),
    ]

    @Test(arguments: refusals)
    func `a refused webhook is kept whole, with its reason`(
        body: String, type: String, code: Int, reason: String
    ) async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            #expect(try await intake.post(body, type: type) == code)
            let delivery = try await intake.newest()
            #expect(delivery["outcome"]?.string == "refused")
            #expect(delivery["reason"]?.string == reason)
            #expect(delivery["body"]?.string == body)
            #expect(delivery["source_id"]?.string == "src_1")
        }
    }

    @Test func `a large refused body is not kept, nor is one too large`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            let large = String(repeating: "x", count: Limits.refusedBodyBytesMax + 1)
            #expect(try await intake.post(large) == 400)
            var delivery = try await intake.newest()
            #expect(delivery["body"]?.isNull == true)
            #expect(delivery["bytes"]?.int64 == Int64(large.utf8.count))
            #expect(try await intake.post(String(repeating: "x", count: 200_001)) == 413)
            delivery = try await intake.newest()
            #expect(delivery["reason"]?.string == "too_large")
            #expect(delivery["bytes"]?.int64 == 200_001)
            #expect(delivery["body"]?.isNull == true)
        }
    }

    @Test func `strangers are sampled and their bodies are not read`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            for _ in 0..<20 {
                #expect(try await intake.post(Self.payload, secret: "wrong") == 401)
            }
            let list = try await intake.api(.get, "/v1/deliveries?outcome=refused").tree
            #expect((1...2).contains(list["items"]?.array?.count ?? 0))
            let delivery = try await intake.newest()
            #expect(delivery["reason"]?.string == "bad_secret")
            #expect(delivery["secret_id"]?.isNull == true)
            #expect(delivery["body"]?.isNull == true)
        }
    }

    @Test func `no secret is kept, wherever it stands`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            let fields = [
                HTTPField("Cookie", "a=b"), HTTPField("X-Api-Key", "anything"),
                HTTPField("Proxy-Authorization", "Basic YQ=="), HTTPField("X-One", Intake.secret),
                HTTPField("X-Two", "Bearer \(Intake.secret)"), HTTPField("X-Three", Intake.token),
                HTTPField("X-Four", "key=BPU-key-0123456789"), HTTPField("X-Five", "kept"),
                HTTPField("x-five", "too"), HTTPField("X-Six", String(repeating: "l", count: 9000)),
            ]
            #expect(try await intake.post(Self.payload, fields: fields) == 200)
            let headers = try #require(try await intake.newest()["headers"]?.object)
            #expect(
                Set(headers.map(\.name)) == ["Host", "Content-Type", "Content-Length", "X-Five"])
            #expect(headers.first { $0.name == "X-Five" }?.value.string == "kept, too")
            #expect(try await intake.post(Self.payload, secret: "x", fields: fields) == 401)
            let refused = try #require(try await intake.newest()["headers"]?.object)
            #expect(!refused.contains { $0.value.string?.contains(Intake.secret) == true })
            #expect(refused.contains { $0.name == "X-Five" })
        }
    }

    @Test func `a dry replay tells what would happen and changes nothing`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            _ = try await intake.post(Self.payload)
            _ = try await intake.post(Self.closed)
            let id = try await intake.ids()[0]
            let answer = try await intake.api(
                .post, "/v1/deliveries/\(id)/replay", #"{"dry_run":true}"#)
            #expect(answer.code == 200)
            #expect(answer.tree["outcome"]?.string == "refired")
            #expect(answer.tree["previous_status"]?.string == "resolved")
            #expect(answer.tree["status"]?.string == "firing")
            #expect(try await intake.store.alerts(AlertQuery()).items[0].alert.status == .resolved)
            #expect(try await intake.store.deliveries(DeliveryQuery()).items.count == 2)
        }
    }

    @Test(arguments: ["", #"{"dry_run":false}"#])
    func `a replay is taken in again and says so`(body: String) async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            _ = try await intake.post(Self.payload)
            _ = try await intake.post(Self.closed)
            let id = try await intake.ids()[0]
            let answer = try await intake.api(.post, "/v1/deliveries/\(id)/replay", body)
            #expect(answer.tree["outcome"]?.string == "refired")
            let replayID = try #require(try await intake.ids().last)
            #expect(replayID != id)
            #expect(answer.tree["delivery_id"]?.string == replayID)
            let alert = try await intake.store.alerts(AlertQuery()).items[0].alert
            #expect(alert.status == .firing)
            let entry = try #require(
                try await intake.store.timeline(of: alert.id, limit: 9).last)
            #expect(entry.cause.name == "incident#new, replay of \(id)")
            #expect(entry.deliveryID == DeliveryID(replayID))
            let delivery = try await intake.newest()
            #expect(delivery["replay_of"]?.string == id)
            #expect(delivery["body"]?.string == Self.payload)
            #expect(delivery["peer"]?.string == "198.51.100.1")
        }
    }

    @Test func `a refused delivery can be replayed once it is acceptable`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            _ = try await intake.post(Self.payload, type: "text/plain")
            _ = try await intake.post("{}")
            _ = try await intake.post(Self.payload, secret: "wrong")
            let ids = try await intake.ids()
            let first = try await intake.api(.post, "/v1/deliveries/\(ids[0])/replay")
            #expect(first.tree["outcome"]?.string == "created")
            let second = try await intake.api(.post, "/v1/deliveries/\(ids[1])/replay")
            #expect(second.code == 422)
            #expect(second.tree["code"]?.string == "no_incident_id")
            let third = try await intake.api(.post, "/v1/deliveries/\(ids[2])/replay")
            #expect(third.code == 409)
            #expect(third.tree["code"]?.string == "body_not_kept")
        }
    }

    @Test(arguments: ["dlv_9", "alt_1", "%20"])
    func `there is no other delivery`(id: String) async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            #expect(try await intake.api(.get, "/v1/deliveries/\(id)").code == 404)
            #expect(try await intake.api(.post, "/v1/deliveries/\(id)/replay").code == 404)
        }
    }

    @Test func `an unknown outcome is no filter`() async throws {
        try await LoopFixture.run {
            let intake = try await Intake()
            #expect(try await intake.api(.get, "/v1/deliveries?outcome=lost").code == 400)
        }
    }
}
