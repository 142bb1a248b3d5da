import Wire

extension EmailAddress {
    /// An address one can send to: a Mailbox of RFC 5321, section 4.1.2, or its international form of RFC 6531.
    package init(validating email: String, name: String? = nil) throws(AddressFault) {
        self.init(name: name, email: email)
        if let fault = validate() { throw fault }
    }

    /// Nil for an address one can send to.
    package func validate() -> AddressFault? {
        guard !email.isEmpty else { return .empty }
        guard !email.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value }) else {
            return .controlCharacter
        }
        guard email.utf8.contains(0x40) else { return .missingAt }
        guard EmailAddress.isLocalPart(localPart) else { return .invalidLocalPart }
        guard localPart.utf8.count <= Bounds.localPart else { return .localPartTooLong }
        guard let domain = EmailAddress.asciiDomain(domain) else { return .invalidDomain }
        guard localPart.utf8.count + 1 + domain.utf8.count <= Bounds.mailbox else { return .tooLong }
        return nil
    }

    /// Only a server with SMTPUTF8 (RFC 6531) can take it: the domain can be written in ASCII, a local part cannot.
    package var needsSMTPUTF8: Bool { !localPart.utf8.allSatisfy { $0 < 0x80 } }

    /// As it goes into headers and the SMTP envelope: the domain in A-labels, unless the local part is international.
    package var wireForm: String {
        guard !needsSMTPUTF8, let domain = EmailAddress.asciiDomain(domain) else { return email }
        return "\(localPart)@\(domain)"
    }

    private static func isLocalPart(_ part: Substring) -> Bool {
        let octets = Array(part.utf8)
        guard let first = octets.first else { return false }
        guard !part.unicodeScalars.contains(where: { $0.properties.isWhitespace && !$0.isASCII }) else { return false }
        if first == 0x22 { return isQuoted(octets) }
        return octets.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { AddressSyntax.atomText.contains($0) }
        }
    }

    private static func isQuoted(_ octets: [UInt8]) -> Bool {
        guard octets.count >= 2, octets.last == 0x22 else { return false }
        var isEscaped = false
        for byte in octets[1..<(octets.count - 1)] {
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
            } else if byte == 0x22 {
                return false
            }
        }
        return !isEscaped
    }

    private static func asciiDomain(_ domain: Substring) -> String? {
        if domain.hasPrefix("["), domain.hasSuffix("]") {
            return isAddressLiteral(domain.dropFirst().dropLast()) ? String(domain) : nil
        }
        return Punycode.asciiDomain(domain)
    }

    /// RFC 5321, section 4.1.3.
    private static func isAddressLiteral(_ literal: Substring) -> Bool {
        guard literal.lowercased().hasPrefix("ipv6:") else { return isIPv4(literal) }
        let address = literal.dropFirst(5)
        let halves = address.replacing("::", with: "|").split(separator: "|", omittingEmptySubsequences: false)
        guard halves.count <= 2, !address.contains("|") else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let pieces = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, piece) in pieces.enumerated() {
                let isLast = index == halves.count - 1 && place == pieces.count - 1
                if isLast, piece.contains(".") {
                    guard isIPv4(piece) else { return false }
                    groups += 2
                    continue
                }
                guard (1...4).contains(piece.utf8.count), piece.utf8.allSatisfy({ hexValue($0) != nil }) else {
                    return false
                }
                groups += 1
            }
        }
        return halves.count == 2 ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        return pieces.count == 4
            && pieces.allSatisfy { piece in
                (1...3).contains(piece.utf8.count) && piece.utf8.allSatisfy { $0 &- 0x30 < 10 }
                    && Int(piece) ?? 256 < 256
            }
    }
}
