package import Model
import Representation

extension MessageOptions {
    /// Reads what `getMessage` is asked to show.
    package init(_ query: Query, _ faults: FaultCollector) {
        self.init()
        if let bodies = query["bodies"], bodies != "none" {
            let words = bodies.split(separator: ",", omittingEmptySubsequences: false)
            wantsText = words.contains("text")
            wantsHTML = words.contains("html")
            if !words.allSatisfy({ $0 == "text" || $0 == "html" }) {
                faults.add(RequestFault(.parameter("bodies"), "must be text, html, text,html or none"))
            }
        } else if query["bodies"] == "none" {
            wantsText = false
            wantsHTML = false
        }
        verifiesSignatures = query.bool("verifyDkim", faults) ?? false
        marksSeen = query.bool("markSeen", faults) ?? false
        maxBodyBytes = query.integer("maxBodyBytes", 1...Int.max, faults)
        if let text = query["headers"] { headers = Self.headerNames(text, faults) }
    }

    /// `*`, or field names (RFC 5322: printable ASCII but the colon).
    private static func headerNames(_ text: String, _ faults: FaultCollector) -> [String] {
        if text == "*" { return ["*"] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            name.drop { $0 == " " }.lowercased()
        }
        let areNames = names.allSatisfy { name in
            !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x2A }
        }
        guard areNames, names.count <= 100 else {
            faults.add(RequestFault(.parameter("headers"), "must be * or up to 100 field names with commas between"))
            return []
        }
        return names
    }
}

extension MailboxReference {
    /// Reads the body of `moveMessage` and `copyMessage`.
    package static func readTarget(_ reader: inout ObjectReader) -> MailboxReference? {
        reader.required("mailbox")?.line().map(MailboxReference.init)
    }
}

/// The body of `updateMessage`.
package struct MessageChanges: Sendable, Equatable {
    package var keywords: [String: Bool]?
    /// All the mailboxes that the message is to lie in.
    package var mailboxes: [MailboxReference]?

    package static func read(_ reader: inout ObjectReader) -> MessageChanges? {
        var changes = MessageChanges()
        changes.keywords = reader.optional("keywords").flatMap(KeywordChanges.readMap)
        if let node = reader.optional("mailboxIds") {
            changes.mailboxes = node.array { $0.line().map(MailboxReference.init) }
            if case .array(let elements) = node.value, elements.isEmpty {
                node.fail("must name a mailbox; a message that is to lie nowhere is deleted")
            }
        }
        if changes == MessageChanges() { reader.failWithoutFaults("keywords", "is required, or mailboxIds") }
        return changes
    }
}

/// Keywords that are set and cleared.
package enum KeywordChanges {
    /// Keywords with what becomes of them.
    static func readMap(_ node: JSONNode) -> [String: Bool]? {
        node.object { reader -> [String: Bool]? in
            var changes: [String: Bool] = [:]
            for (name, node) in reader.all() {
                if let fault = fault(of: name) { node.fail(fault) }
                changes[name] = node.isNull ? false : node.bool()
            }
            if changes.isEmpty { reader.failWhole("must name a keyword") }
            return changes
        }
    }

    /// Keywords that are all set: those of a message that is made.
    static func readSet(_ node: JSONNode) -> [String]? {
        guard let map = readMap(node) else { return nil }
        for (name, isSet) in map where !isSet { node.fail("\(name) must be true") }
        return map.keys.sorted()
    }

    /// RFC 8621 section 4.1.1: 1 to 255 of `%x21`–`%x7e` in lower case, without what an IMAP atom cannot hold.
    static func fault(of keyword: String) -> String? {
        let isKeyword =
            (1...255).contains(keyword.utf8.count)
            && keyword.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !"(){]%*\"\\".utf8.contains(byte) && !(0x41...0x5A).contains(byte)
            }
        return isKeyword ? nil : "is no keyword: those are lower-case ASCII without ( ) { ] % * \" \\"
    }
}
