/// What a server said about itself in its answer to EHLO (RFC 5321 section 4.1.1.1).
///
/// All keywords are kept, known or not, in upper case with their parameters as sent.
package struct SMTPCapabilities: Sendable, Equatable {
    /// The first word of the reply: the name the server gives itself.
    package let domain: String
    package let keywords: [String: [String]]

    /// Nothing: before EHLO, after HELO, and again after STARTTLS until the next EHLO.
    package static let none = SMTPCapabilities(domain: "", keywords: [:])

    private init(domain: String, keywords: [String: [String]]) {
        self.domain = domain
        self.keywords = keywords
    }

    /// Reads a successful EHLO reply; a keyword given twice has the parameters of both.
    package init(_ reply: SMTPReply) {
        var keywords: [String: [String]] = [:]
        for line in reply.lines.dropFirst() {
            var words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            guard !words.isEmpty else { continue }
            var keyword = words.removeFirst().uppercased()
            if keyword.hasPrefix("AUTH=") {
                // The form of drafts before RFC 2554, which old Exchange and its clients made popular.
                words.insert(String(keyword.dropFirst(5)), at: 0)
                keyword = "AUTH"
            }
            keywords[keyword, default: []] += words
        }
        self.init(domain: reply.lines.first?.split(separator: " ").first.map(String.init) ?? "", keywords: keywords)
    }

    /// All keywords with their parameters, sorted: for an account's health document.
    package var names: [String] { keywords.map { ([$0.key] + $0.value).joined(separator: " ") }.sorted() }

    package func offers(_ keyword: String) -> Bool { keywords[keyword] != nil }

    package var offersPipelining: Bool { offers("PIPELINING") }
    package var offersStartTLS: Bool { offers("STARTTLS") }
    package var offersEightBitMIME: Bool { offers("8BITMIME") }
    package var offersSMTPUTF8: Bool { offers("SMTPUTF8") }
    package var offersSize: Bool { offers("SIZE") }
    package var offersEnhancedStatusCodes: Bool { offers("ENHANCEDSTATUSCODES") }
    package var offersChunking: Bool { offers("CHUNKING") }
    package var offersDSN: Bool { offers("DSN") }
    package var offersBinaryMIME: Bool { offers("BINARYMIME") }

    /// The shortest time that DELIVERBY may name; nil where the server has no DELIVERBY (RFC 2852).
    package var minimumDeliverBySeconds: Int? {
        guard let parameters = keywords["DELIVERBY"] else { return nil }
        return parameters.first.flatMap { Int($0) }.map { max($0, 1) } ?? 1
    }

    /// How long the server keeps a message before it goes on; nil where it has no FUTURERELEASE (RFC 4865).
    package var maximumHoldSeconds: Int? {
        keywords["FUTURERELEASE"]?.first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The largest message the server takes, in octets; nil where it did not say or has no fixed limit (RFC 1870).
    package var maximumMessageOctets: Int? {
        guard let text = keywords["SIZE"]?.first, let size = Int(text), size > 0 else { return nil }
        return size
    }

    /// In upper case, each once, in the server's order.
    package var authenticationMechanisms: [String] {
        var seen: Set<String> = []
        return (keywords["AUTH"] ?? []).map { $0.uppercased() }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// Recipients a transaction may have, where the server says it (RFC 9422).
    package var maximumRecipients: Int? { limit("RCPTMAX") }

    /// Domains that the recipients of a transaction may be of, where the server says it (RFC 9422).
    package var maximumRecipientDomains: Int? { limit("RCPTDOMAINMAX") }

    /// Messages a connection may carry, where the server says it (RFC 9422).
    package var maximumTransactions: Int? { limit("MAILMAX") }

    private func limit(_ name: String) -> Int? {
        for word in keywords["LIMITS"] ?? [] {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].uppercased() == name, let value = Int(parts[1]), value > 0 { return value }
        }
        return nil
    }
}
