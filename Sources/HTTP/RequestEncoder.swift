/// Writes request heads for our own clients (RFC 9112 section 3).
package enum RequestEncoder {
    /// The request line, `Host`, the fields and the empty line.
    ///
    /// Host, framing and connection are the encoder's: fields of those names in `fields` are left out, so that nothing a
    /// caller passes on can contradict them.
    package static func head(
        _ method: HTTPMethod, _ url: HTTPURL, _ fields: HTTPFields, contentLength: Int
    ) -> [UInt8] {
        var lines = HTTPFields()
        lines.append(.host, url.authority)
        for field in fields {
            guard let name = HTTPFieldName(field.name), !reserved.contains(name) else { continue }
            lines.append(name, field.value)
        }
        // RFC 9110 section 8.6: a method that means content says 0 as well.
        if contentLength > 0 || [.post, .put, .patch].contains(method) {
            lines.append(.contentLength, String(contentLength))
        }
        var output = Array("\(method.name) \(url.target) HTTP/1.1\r\n".utf8)
        output.reserveCapacity(output.count + lines.bytes.count + 2)
        output += lines.bytes
        output += [Octet.cr, Octet.lf]
        return output
    }

    private static let reserved: Set<HTTPFieldName> = [
        .host, .contentLength, .transferEncoding, .connection, .expect,
    ]
}
