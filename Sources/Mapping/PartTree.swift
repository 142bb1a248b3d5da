package import IMAP
package import MIME

/// MIME's neutral tree of an IMAP BODYSTRUCTURE, numbered as IMAP names the parts.
package enum PartTree {
    package static func make(_ structure: BodyStructure) -> PartNode {
        switch structure {
        case .single(let part): leaf(part, number: "1")
        case .multipart(let multipart): branch(multipart, number: "")
        }
    }

    private static func branch(_ multipart: BodyMultipart, number: String) -> PartNode {
        var node = PartNode(
            number: number, type: "multipart", subtype: multipart.subtype,
            parameters: parameters(multipart.parameters), disposition: disposition(multipart.extension))
        node.children = multipart.parts.enumerated().map { index, child in
            let childNumber = number.isEmpty ? "\(index + 1)" : "\(number).\(index + 1)"
            return switch child {
            case .single(let part): leaf(part, number: childNumber)
            case .multipart(let multipart): branch(multipart, number: childNumber)
            }
        }
        node.size = node.children.reduce(0) { $0 + $1.size }
        return node
    }

    private static func leaf(_ part: BodyPart, number: String) -> PartNode {
        PartNode(
            number: number, type: part.type, subtype: part.subtype, parameters: parameters(part.parameters),
            disposition: disposition(part.extension), contentID: part.id.map(unbracketed),
            description: part.description, encoding: TransferEncoding(label: part.encoding),
            size: Int(clamping: part.size ?? 0), nestedSubject: part.message?.envelope.subject)
    }

    private static func parameters(_ list: [BodyParameter]) -> ParameterList {
        ParameterList(decoding: list.map { ($0.name, Array($0.value.utf8)) })
    }

    private static func disposition(_ data: BodyExtension) -> ContentDisposition? {
        data.disposition.map { ContentDisposition(kind: $0.kind, parameters: parameters($0.parameters)) }
    }

    private static func unbracketed(_ text: String) -> String {
        let text = text.drop { $0 == " " || $0 == "<" }
        return String(text.prefix { $0 != ">" })
    }
}
