package import MIME
package import Model

extension MessageProtection {
    /// The signed and encrypted parts of a message, outermost first.
    package static func find(in root: PartNode) -> [MessageProtection] {
        var found: [MessageProtection] = []
        look(at: root, &found, depth: 0)
        return found
    }

    private static func look(at node: PartNode, _ found: inout [MessageProtection], depth: Int) {
        guard found.count < 20, depth < 20 else { return }
        if let protection = protection(of: node) { found.append(protection) }
        // Of what is encrypted the parts mean nothing by themselves.
        if found.last?.kind == .encrypted, found.last?.part == PartID(rawValue: node.number) { return }
        for child in node.children { look(at: child, &found, depth: depth + 1) }
    }

    private static func protection(of node: PartNode) -> MessageProtection? {
        switch node.mediaType {
        case "multipart/signed": signed(node)
        case "multipart/encrypted": encrypted(node)
        case "multipart/mixed": mangled(node)
        case "application/pkcs7-mime", "application/x-pkcs7-mime":
            MessageProtection(.smime, cmsKind(node), part: PartID(rawValue: node.number))
        case "application/pgp-keys": MessageProtection(.openpgp, .keys, part: PartID(rawValue: node.number))
        // RFC 8551, 3.2.1: gateways that do not know the type keep the name.
        case "application/octet-stream" where node.labelledFileName?.lowercased().hasSuffix(".p7m") == true:
            MessageProtection(.smime, .unknown, part: PartID(rawValue: node.number))
        default: nil
        }
    }

    /// RFC 1847, 2.1: the content, then the signature; the type of the latter tells also where `protocol` is missing.
    private static func signed(_ node: PartNode) -> MessageProtection? {
        guard node.children.count == 2 else { return nil }
        let standard: Standard
        switch node.children[1].mediaType {
        case "application/pkcs7-signature", "application/x-pkcs7-signature": standard = .smime
        case "application/pgp-signature": standard = .openpgp
        default: return nil
        }
        return MessageProtection(
            standard, .signed, part: PartID(rawValue: node.children[0].number),
            signature: PartID(rawValue: node.children[1].number))
    }

    /// RFC 3156, 4: the version, then the octets.
    private static func encrypted(_ node: PartNode) -> MessageProtection? {
        guard node.children.count == 2, node.children[0].mediaType == "application/pgp-encrypted" else { return nil }
        return MessageProtection(.openpgp, .encrypted, part: PartID(rawValue: node.children[1].number))
    }

    /// What Exchange makes of `multipart/encrypted`.
    private static func mangled(_ node: PartNode) -> MessageProtection? {
        guard let version = node.children.firstIndex(where: { $0.mediaType == "application/pgp-encrypted" }),
            version + 1 < node.children.count, node.children[version + 1].mediaType == "application/octet-stream"
        else { return nil }
        return MessageProtection(.openpgp, .encrypted, part: PartID(rawValue: node.children[version + 1].number))
    }

    /// RFC 8551, 3.2.2; old programs leave the parameter away, and only the name may tell.
    private static func cmsKind(_ node: PartNode) -> Kind {
        switch node.parameters["smime-type"]?.lowercased() {
        case "enveloped-data", "authenveloped-data": .encrypted
        case "signed-data", "signed-receipt": .signed
        case "compressed-data": .compressed
        case "certs-only": .keys
        default:
            switch node.labelledFileName?.lowercased().suffix(4) {
            case ".p7c": .keys
            case ".p7z": .compressed
            case ".p7s": .signed
            default: .unknown
            }
        }
    }

    /// OpenPGP in the text itself, as it was before RFC 3156.
    package static func find(inText text: String?) -> MessageProtection? {
        guard let text else { return nil }
        var kind: Kind?
        for line in text.prefix(200_000).split(whereSeparator: \.isNewline) where line.hasPrefix("-----") {
            switch line.trimmingSuffix(while: \.isWhitespace) {
            case "-----BEGIN PGP MESSAGE-----": kind = .encrypted
            case "-----BEGIN PGP SIGNED MESSAGE-----": kind = .signed
            case "-----BEGIN PGP PUBLIC KEY BLOCK-----": kind = kind ?? .keys
            default: continue
            }
            if kind == .encrypted || kind == .signed { break }
        }
        return kind.map { MessageProtection(.openpgp, $0) }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isDropped(last) { text.removeLast() }
        return text
    }
}
