import Accounts
import HTTPServer
import Model
import Outbox
import Representation
import Webhooks

extension Call {
    /// Answers one page of a list, with `limit` and `cursor` of the query.
    ///
    /// The engines name the cursor as if it were a member of a body; every list refuses a wrong one alike.
    func page<Element: JSONWritable & Sendable>(
        _ list: (_ limit: Int, _ cursor: String?) async throws -> Page<Element>
    ) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let limit = query.integer("limit", 1...Limits.maximumPage, faults) ?? Limits.defaultPage
        try faults.check()
        do {
            return .page(try await list(limit, query["cursor"]), for: self)
        } catch AccountError.invalid(let found) where found.contains(where: { $0.pointer == "/cursor" }) {
            throw Problem.staleCursor
        } catch OutboxError.invalid(let found) where found.contains(where: { $0.pointer == "/cursor" }) {
            throw Problem.staleCursor
        } catch WebhookError.staleCursor {
            throw Problem.staleCursor
        } catch TemplateError.staleCursor {
            throw Problem.staleCursor
        }
    }
}

extension Problem {
    static var staleCursor: Problem {
        Problem(
            .staleCursor, "The cursor continues nothing that is still there.",
            errors: [RequestFault(.parameter("cursor"), "is no cursor of this list, or not any more")])
    }
}
