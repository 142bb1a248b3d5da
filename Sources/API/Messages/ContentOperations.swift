import HTTP
import HTTPServer
import Model
import RemoteMail

/// Whole messages and attachments: streamed, never held.
enum ContentOperations {
    static func raw(_ call: Call) async throws -> HTTPResponse {
        let content = try await call.dependencies.mail.rawMessage(
            call.email, of: call.account(), needsSize: call.request.fields[.range] != nil, deadline: call.deadline)
        return try answer(call.request, content, type: "message/rfc822", name: content.name)
    }

    static func attachment(_ call: Call) async throws -> HTTPResponse {
        let content = try await call.dependencies.mail.attachment(
            PartID(rawValue: call.parameter("attachment")), of: call.email, of: call.account(),
            needsSize: call.request.fields[.range] != nil, deadline: call.deadline)
        return try answer(call.request, content, type: content.type, name: content.name ?? "attachment")
    }

    static func answer(
        _ request: Request, _ content: MessageContent, type: String, name: String?, disposition: String = "attachment"
    ) throws -> HTTPResponse {
        let tag = EntityTag(String(content.tag.filter { $0.isASCII && $0 != "\"" && $0 != "\\" }))
        var fields: HTTPFields = [.etag: tag.description, .cacheControl: "private, immutable, max-age=31536000"]
        if try request.alreadyHas(tag) { return HTTPResponse(.notModified, fields: fields) }
        if content.acceptsRanges { fields.append(.acceptRanges, "bytes") }
        let range = try range(request, tag, content.size)
        fields.append(.contentType, MediaType(type) == nil ? "application/octet-stream" : type)
        fields.append(.contentDisposition, ContentDisposition.value(disposition, filename: name))
        // A stranger's content under our origin: the browser must neither guess its type nor run it.
        fields.append("X-Content-Type-Options", "nosniff")
        fields.append("Content-Security-Policy", "sandbox; default-src 'none'")
        if let range, let size = content.size {
            fields.append(.contentRange, ByteRange.contentRange(range, size: size))
        }
        let stream = content.stream
        let body = HTTPResponseBody.stream(length: range?.count ?? content.size) { writer in
            try await stream(range) { try await writer.write($0) }
        }
        return HTTPResponse(range == nil ? .ok : .partialContent, fields: fields, body: body)
    }

    /// The octets to send; nil for all.
    ///
    /// `If-Range` with another tag means all (RFC 9110 section 13.1.5).
    private static func range(_ request: Request, _ tag: EntityTag, _ size: Int?) throws(Problem) -> Range<Int>? {
        guard let size, let asked = ByteRange(request.fields[.range]) else { return nil }
        if let condition = request.fields[.ifRange], EntityTag(parsing: condition) != tag { return nil }
        guard let range = asked.resolve(size: size) else {
            throw Problem(
                .rangeNotSatisfiable, "There are \(size) octets.",
                fields: [.contentRange: ByteRange.unsatisfied(size: size)])
        }
        return range
    }
}
