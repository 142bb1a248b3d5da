/// One word of a CAPABILITY list, upper case.
package struct Capability: Sendable, Hashable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name.uppercased() }

    package var description: String { name }
}

extension Capability {
    package static let imap4rev1 = Capability("IMAP4REV1")
    package static let imap4rev2 = Capability("IMAP4REV2")
    package static let startTLS = Capability("STARTTLS")
    package static let loginDisabled = Capability("LOGINDISABLED")
    package static let saslIR = Capability("SASL-IR")
    package static let id = Capability("ID")
    package static let idle = Capability("IDLE")
    package static let enable = Capability("ENABLE")
    package static let namespace = Capability("NAMESPACE")
    package static let uidPlus = Capability("UIDPLUS")
    package static let unselect = Capability("UNSELECT")
    package static let move = Capability("MOVE")
    package static let condStore = Capability("CONDSTORE")
    package static let qresync = Capability("QRESYNC")
    package static let esearch = Capability("ESEARCH")
    package static let within = Capability("WITHIN")
    package static let literalPlus = Capability("LITERAL+")
    package static let literalMinus = Capability("LITERAL-")
    package static let specialUse = Capability("SPECIAL-USE")
    package static let createSpecialUse = Capability("CREATE-SPECIAL-USE")
    package static let listExtended = Capability("LIST-EXTENDED")
    package static let listStatus = Capability("LIST-STATUS")
    package static let listMyRights = Capability("LIST-MYRIGHTS")
    package static let xlist = Capability("XLIST")
    package static let statusSize = Capability("STATUS=SIZE")
    package static let objectID = Capability("OBJECTID")
    package static let preview = Capability("PREVIEW")
    package static let saveDate = Capability("SAVEDATE")
    package static let binary = Capability("BINARY")
    package static let utf8Accept = Capability("UTF8=ACCEPT")
    package static let quota = Capability("QUOTA")
    package static let acl = Capability("ACL")
    package static let compressDeflate = Capability("COMPRESS=DEFLATE")
    package static let notify = Capability("NOTIFY")
    package static let unauthenticate = Capability("UNAUTHENTICATE")
    package static let multiAppend = Capability("MULTIAPPEND")
    package static let uidOnly = Capability("UIDONLY")
    package static let replace = Capability("REPLACE")
    package static let gmail = Capability("X-GM-EXT-1")
    package static let sort = Capability("SORT")
    package static let sortDisplay = Capability("SORT=DISPLAY")
    package static let esort = Capability("ESORT")
    package static let contextSort = Capability("CONTEXT=SORT")
    package static let partial = Capability("PARTIAL")
    package static let threadReferences = Capability("THREAD=REFERENCES")
    package static let threadRefs = Capability("THREAD=REFS")
}

/// What a server says it can do.
package struct CapabilitySet: Sendable, Equatable {
    private var words: Set<Capability> = []

    package init() {}

    package init(_ words: some Sequence<Capability>) { self.words = Set(words) }

    package var isEmpty: Bool { words.isEmpty }

    /// Whether the word is there, or IMAP4rev2, which contains it (RFC 9051, appendix E).
    package func contains(_ capability: Capability) -> Bool {
        words.contains(capability)
            || (words.contains(.imap4rev2) && CapabilitySet.foldedIntoRev2.contains(capability))
    }

    package mutating func insert(_ capability: Capability) { words.insert(capability) }

    /// Names of the SASL mechanisms of the `AUTH=` words.
    package var authenticationMechanisms: [String] { values(of: "AUTH=") }

    /// What follows `key` in the words that begin with it, sorted.
    package func values(of key: String) -> [String] {
        words.compactMap { $0.name.hasPrefix(key) ? String($0.name.dropFirst(key.count)) : nil }.sorted()
    }

    /// The largest message an APPEND may bring to any mailbox (RFC 7889); nil where the server did not say.
    package var appendLimit: UInt64? { values(of: "APPENDLIMIT=").first.flatMap { UInt64($0) } }

    /// How many messages one command may name (RFC 9738); nil where the server has no limit.
    package var messageLimit: UInt32? { values(of: "MESSAGELIMIT=").first.flatMap { UInt32($0) } }

    /// All words, sorted: for an account's health document.
    package var names: [String] { words.map(\.name).sorted() }

    private static let foldedIntoRev2: Set<Capability> = [
        .namespace, .unselect, .uidPlus, .esearch, .enable, .idle, .saslIR, .listExtended, .listStatus, .move,
        .literalMinus, .specialUse, .statusSize,
    ]
}
