package import Alerts
import EventLoop
package import HTTPServer
package import JSON
import TLS

/// An answer of the admin API that is an error: problem+json with a code that never changes.
package struct APIProblem: Error {
    /// The answer to send.
    package let response: HTTPResponse

    /// Makes one.
    package init(_ status: HTTPStatus, _ code: String, _ detail: String) {
        response = .problem(status, code: code, detail: detail)
    }

    /// There is nothing of that name.
    package static func notFound(_ what: String) -> APIProblem {
        APIProblem(.notFound, "not_found", "There is no \(what) with this id.")
    }

    /// A member of the request is not as it has to be.
    package static func invalid(_ field: String, _ problem: String) -> APIProblem {
        APIProblem(.unprocessableContent, "invalid_field", "\(field): \(problem)")
    }

    /// The store could not do it.
    package static func store(_ error: StoreError) -> APIProblem {
        guard error.kind != .conflict else {
            return APIProblem(.conflict, "conflict", error.message)
        }
        return retryable("store_unavailable", error.message)
    }

    /// Too much waits for the store.
    package static let overloaded = retryable(
        "overloaded", "Too many webhooks are waiting to be stored; try again.")

    /// It can't be done now.
    package static func retryable(_ code: String, _ detail: String) -> APIProblem {
        APIProblem(
            HTTPResponse.problem(.serviceUnavailable, code: code, detail: detail)
                .with("Retry-After", String(Limits.retryAfterSeconds)))
    }

    /// Answers with a problem that was written before.
    init(_ response: HTTPResponse) {
        self.response = response
    }
}

/// Runs the body of an API handler; whatever it throws becomes the answer.
@LoopActor
package func answer(
    _ body: @LoopActor () async throws -> HTTPResponse
) async -> HTTPResponse {
    do {
        return try await body()
    } catch let problem as APIProblem {
        return problem.response
    } catch let error as StoreError {
        return APIProblem.store(error).response
    } catch {
        // Nothing else is thrown; were it, the fault would be ours and might pass.
        return APIProblem(.serviceUnavailable, "unavailable", "An unexpected fault.").response
    }
}

extension HTTPResponse {
    /// Answers with one JSON value.
    package static func json(
        _ status: HTTPStatus = .ok, _ write: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        var json = JSONWriter(bytesExpected: 1024)
        write(&json)
        return .json(status, json.bytes)
    }

    /// Answers with one page of a list.
    package static func page<Item>(
        _ items: [Item], next: String?, _ write: (inout JSONWriter, Item) -> Void
    ) -> HTTPResponse {
        .json { json in
            json.object { json in
                json.name("items")
                json.array { json in
                    for item in items { write(&json, item) }
                }
                json.member("next_cursor", next)
            }
        }
    }
}

/// How cursors travel: opaque to clients, checked when they come back.
package enum CursorText {
    private static let prefix = "v1:"

    /// Writes a cursor.
    package static func encode(_ cursor: PageCursor) -> String {
        Base64.encodeURL(Array("\(prefix)\(cursor.sequence)".utf8))
    }

    /// Reads a cursor; `nil` when it is none of ours.
    package static func decode(_ text: String) -> PageCursor? {
        guard let bytes = Base64.decodeURL(text),
            let plain = String(validating: bytes, as: UTF8.self), plain.hasPrefix(prefix),
            let sequence = Int64(plain.dropFirst(prefix.count)), sequence >= 0
        else { return nil }
        return PageCursor(sequence: sequence)
    }
}
