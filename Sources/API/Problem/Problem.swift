package import HTTP
package import HTTPServer
package import Model
package import Representation

/// A refusal as RFC 9457 describes it: the only shape in which the API says no.
package struct Problem: Error, Sendable {
    package var slug: ProblemSlug
    /// What happened this time; for people, without secrets and without internals.
    package var detail: String
    package var errors: [RequestFault]
    package var upstream: Upstream?
    /// With `events-expired`: the sequence of the oldest event that is kept.
    package var oldestEvent: Int64?
    /// Fields that the answer carries besides its own, for example `WWW-Authenticate`.
    package var fields: HTTPFields

    /// What a mail server said.
    package struct Upstream: Sendable, Equatable {
        package var mailProtocol: MailProtocol
        package var code: String
        package var text: String
    }

    package init(
        _ slug: ProblemSlug, _ detail: String, errors: [RequestFault] = [], upstream: Upstream? = nil,
        fields: HTTPFields = HTTPFields()
    ) {
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.upstream = upstream
        self.fields = fields
    }

    /// 422 with each fault; the detail repeats the first, for those who only read that.
    package static func invalid(_ faults: [RequestFault]) -> Problem {
        let detail =
            switch faults.count {
            case 0: "The request is wrong."
            case 1: faults[0].sentence
            default: faults[0].sentence + " (\(faults.count - 1) more in errors)"
            }
        return Problem(.invalidRequest, detail, errors: faults)
    }

    /// The document, as an answer to the request `requestID`.
    package func response(requestID: String?) -> HTTPResponse {
        var response = HTTPResponse(
            slug.status, type: "application/problem+json", document(requestID: requestID))
        response.fields.append(.cacheControl, "no-store")
        if let seconds = slug.retryAfter, !fields.contains(.retryAfter) {
            response.fields.append(.retryAfter, String(seconds))
        }
        response.fields.append(contentsOf: fields)
        return response
    }

    /// The document alone, where there is no response to put it in.
    func document(requestID: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", slug.path)
            writer.member("title", slug.title)
            writer.member("status", slug.status.code)
            writer.member("detail", detail)
            if let requestID, !requestID.isEmpty { writer.member("requestId", requestID) }
            if !errors.isEmpty { writer.member("errors", array: errors) }
            if let upstream { writer.member("upstream", upstream) }
            if let oldestEvent { writer.member("oldestEvent", oldestEvent) }
        }
        return writer.bytes
    }
}

extension Problem.Upstream: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("protocol", mailProtocol.rawValue)
            writer.member("code", code)
            writer.member("text", text)
        }
    }
}

extension RequestFault {
    fileprivate var sentence: String {
        switch location {
        case .pointer(let pointer): pointer.isEmpty ? "The body \(detail)." : "\(pointer) \(detail)."
        case .parameter(let name): "The query parameter \(name) \(detail)."
        case .header(let name): "The header field \(name) \(detail)."
        }
    }
}
