/// A message understood: a flat list of its parts with their place in the raw octets.
package struct ParsedMessage: Sendable {
    package let raw: [UInt8]
    /// Depth first; the root is `parts[0]` and always there.
    package private(set) var parts: [MessagePart]
    package private(set) var problems: Set<MIMEProblem>

    package init(parsing raw: [UInt8], limits: MIMELimits = .standard) {
        self.raw = raw
        parts = [
            MessagePart(
                parent: nil, headers: Headers(), headerRange: 0..<0, bodyRange: 0..<raw.count,
                node: PartNode(number: "1", type: "text", subtype: "plain"), children: [])
        ]
        problems = []
    }

    package var headers: Headers { parts[0].headers }
    /// The whole tree.
    package var root: PartNode { parts[0].node }
    /// Text, HTML and attachments by RFC 8621.
    package var selection: BodySelection { BodySelection(root) }

    /// The index of the part that IMAP names so.
    package func index(number: String) -> Int? { parts.firstIndex { $0.node.number == number } }
    /// The decoded octets of a part.
    package func content(of index: Int) -> [UInt8] { [] }
    /// The decoded text of a part: UTF-8, lines ending in LF, format=flowed undone.
    package func text(of index: Int) -> String { "" }
}

/// One part of a parsed message.
package struct MessagePart: Sendable {
    package let parent: Int?
    package let headers: Headers
    /// Of the header section, with the empty line.
    package let headerRange: Range<Int>
    /// Of the encoded content.
    package let bodyRange: Range<Int>
    /// Without children; `ParsedMessage.root` has the whole tree.
    package let node: PartNode
    package let children: [Int]
}
