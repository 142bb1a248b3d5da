package import HTTP
package import HTTPServer
package import Model
package import Representation

extension HTTPResponse {
    /// One resource.
    ///
    /// Answers are not for shared caches, and what is kept must be asked about.
    package static func json(
        _ value: some JSONWritable, _ status: HTTPStatus = .ok, tag: EntityTag? = nil
    ) -> HTTPResponse {
        var response = HTTPResponse(status, type: "application/json", JSONWriter.bytes(of: value))
        response.fields.append(.cacheControl, "private, no-cache")
        if let tag { response.fields.append(.etag, tag.description) }
        return response
    }

    /// One page of a list, with the `Link` to the next.
    package static func page(_ page: Page<some JSONWritable & Sendable>, for call: Call) -> HTTPResponse {
        var response = json(JSONPage(data: page.data, nextCursor: page.nextCursor))
        if let cursor = page.nextCursor {
            let kept = call.request.target.queryItems.filter { $0.name != "cursor" }
            let pairs = (kept.map { ($0.name, $0.value) } + [("cursor", cursor)])
                .map { PercentEncoding.encode($0.0) + "=" + PercentEncoding.encode($0.1) }
            let target = call.request.target.path + "?" + pairs.joined(separator: "&")
            response.fields.append(.link, Link(target, relation: "next").value)
        }
        return response
    }

    package static func notModified(_ tag: EntityTag) -> HTTPResponse {
        HTTPResponse(.notModified, fields: [.etag: tag.description, .cacheControl: "private, no-cache"])
    }

    /// With the path of what was made.
    package func located(at path: String) -> HTTPResponse {
        var response = self
        response.fields.append(.location, path)
        return response
    }
}

extension EntityTag {
    /// A tag of what `parts` say: FNV-1a, for telling versions apart and nothing else.
    package static func of(_ parts: some Sequence<String>) -> EntityTag {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for part in parts {
            for byte in part.utf8 { add(byte) }
            add(0xFF)
        }
        return EntityTag(String(hash, radix: 16))
    }
}

/// The path of a resource of an account.
enum ResourcePath {
    static func account(_ id: AccountID) -> String { "/v1/accounts/" + PercentEncoding.encode(id.rawValue) }

    static func message(_ id: EmailID, of account: AccountID) -> String {
        self.account(account) + "/messages/" + PercentEncoding.encode(id.rawValue)
    }

    static func mailbox(_ id: MailboxID, of account: AccountID) -> String {
        self.account(account) + "/mailboxes/" + PercentEncoding.encode(id.rawValue)
    }

    static func attachment(_ part: PartID, of id: EmailID, of account: AccountID) -> String {
        message(id, of: account) + "/attachments/" + PercentEncoding.encode(part.rawValue)
    }

    static func submission(_ id: SubmissionID, of account: AccountID) -> String {
        self.account(account) + "/submissions/" + PercentEncoding.encode(id.rawValue)
    }
}
