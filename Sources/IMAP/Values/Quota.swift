/// One QUOTA response (RFC 9208, 5.1): what is used of a root's resources.
package struct Quota: Sendable, Equatable {
    /// Empty for the root of a server that has but one.
    package var root: String
    package var resources: [Resource] = []

    package init(root: String) { self.root = root }

    /// A resource, its name in upper case; STORAGE counts in units of 1,024 octets, MESSAGE in messages.
    package struct Resource: Sendable, Equatable {
        package let name: String
        package let usage: UInt64
        package let limit: UInt64

        package init(name: String, usage: UInt64, limit: UInt64) {
            self.name = name
            self.usage = usage
            self.limit = limit
        }
    }

    /// Octets used and allowed, where the root limits storage.
    package var storage: (used: UInt64, limit: UInt64)? {
        guard let resource = resources.first(where: { $0.name == "STORAGE" }) else { return nil }
        let (used, usedOverflows) = resource.usage.multipliedReportingOverflow(by: 1_024)
        let (limit, limitOverflows) = resource.limit.multipliedReportingOverflow(by: 1_024)
        return (usedOverflows ? .max : used, limitOverflows ? .max : limit)
    }
}

/// What one may do in a mailbox (RFC 4314, 2.1), a letter each.
package struct MailboxRights: Sendable, Equatable {
    package let letters: Set<Character>

    /// The letters `c` and `d` of RFC 2086 stand for what RFC 4314 made of them.
    package init(_ text: String) {
        var letters = Set(text)
        if letters.contains("c") { letters.formUnion(["k"]) }
        if letters.contains("d") { letters.formUnion(["x", "t", "e"]) }
        self.letters = letters
    }

    package var mayRead: Bool { letters.contains("r") }
    package var maySetSeen: Bool { letters.contains("s") }
    package var maySetFlags: Bool { letters.contains("w") }
    /// By APPEND and COPY.
    package var mayInsert: Bool { letters.contains("i") }
    package var mayDeleteMessages: Bool { letters.contains("t") && letters.contains("e") }
    package var mayCreateMailboxes: Bool { letters.contains("k") }
    /// RENAME needs it too.
    package var mayDeleteMailbox: Bool { letters.contains("x") }
}
