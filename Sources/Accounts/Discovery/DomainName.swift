/// Names of hosts and domains, as far as discovery has to understand them.
enum DomainName {
    /// Letters in lower case, digits, hyphens and dots, no label empty: what may become part of a URL, or be dialled.
    static func isHost(_ text: String) -> Bool {
        (1...Limits.hostOctets).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
            && !text.split(separator: ".", omittingEmptySubsequences: false).contains(where: \.isEmpty)
    }

    /// The domains behind which a provider's own file may be, given the host that receives mail: `mx1.mail.example.net` may be
    /// served by `mail.example.net` or `example.net`.
    ///
    /// Below a public suffix anybody can have a name (`autoconfig.co.uk`), and would be asked about, and believed by, all who live
    /// there: so no name is given that looks like one, nor one that is the address' own domain or lies above it.
    static func providers(of mailExchange: String, domain: String) -> [String] {
        var labels = mailExchange.split(separator: ".").dropFirst()
        var domains: [String] = []
        while labels.count >= 2, domains.count < 2 {
            let name = labels.joined(separator: ".")
            if name == domain || domain.hasSuffix("." + name) || isLikePublicSuffix(labels.map(String.init)) { break }
            domains.append(name)
            labels = labels.dropFirst()
        }
        return domains
    }

    /// Two labels, the last of a country, the first short or one of the words that countries use: `co.uk`, `com.br`, `asso.fr`.
    ///
    /// The list of all is long and changes every week; a provider who is taken for one is found by other means.
    private static func isLikePublicSuffix(_ labels: [String]) -> Bool {
        guard labels.count == 2, labels[1].utf8.count == 2 || labels[1].hasPrefix("xn--") else { return false }
        return labels[0].utf8.count <= 3 || words.contains(labels[0])
    }

    private static let words: Set<String> = [
        "asso", "city", "coop", "firm", "geek", "govt", "house", "idf", "indie", "info", "kiwi", "lodz", "maori",
        "name", "parliament",
        "police", "priv", "school", "store", "tokyo", "osaka", "kyoto", "tour", "waw",
    ]
}
