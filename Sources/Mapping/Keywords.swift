package import IMAP

/// JMAP's keywords and IMAP's flags: the mapping of RFC 8621, section 4.1.1.
package enum Keywords {
    /// Nil for what is no keyword: `\Recent` and `\Deleted` are the protocol's own.
    package static func keyword(of flag: Flag) -> String? {
        switch flag {
        case .seen: "$seen"
        case .answered: "$answered"
        case .flagged: "$flagged"
        case .draft: "$draft"
        case .deleted, .recent, .wildcard, .system: nil
        case .keyword(let name): name.lowercased()
        }
    }

    package static func flag(of keyword: String) -> Flag? {
        guard isValid(keyword) else { return nil }
        return switch keyword.lowercased() {
        case "$seen": .seen
        case "$answered": .answered
        case "$flagged": .flagged
        case "$draft": .draft
        case "$forwarded": .keyword("$Forwarded")
        case "$junk": .keyword("$Junk")
        case "$notjunk": .keyword("$NotJunk")
        case "$phishing": .keyword("$Phishing")
        case "$mdnsent": .keyword("$MDNSent")
        default: .keyword(keyword)
        }
    }

    package static func list(of flags: [Flag]) -> [String] {
        Set(flags.compactMap(keyword(of:))).sorted()
    }

    /// RFC 8621: 1–255 of 0x21–0x7E but `( ) { ] % * " \`; IMAP's `flag-keyword` is an atom.
    package static func isValid(_ keyword: String) -> Bool {
        (1...255).contains(keyword.utf8.count)
            && keyword.utf8.allSatisfy { (0x21...0x7E).contains($0) && !#"(){]%*"\"#.utf8.contains($0) }
    }
}
