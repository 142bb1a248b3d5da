import Wire

/// The server's first message in SCRAM: `r=nonce,s=salt,i=count` (RFC 5802 section 7).
struct ServerFirst {
    let nonce: String
    let salt: [UInt8]
    let iterations: Int

    /// Refuses a nonce that does not go on from ours, so an answer of yesterday is none, and counts out of bounds.
    init(_ message: [UInt8], extending clientNonce: String) throws(SASLError) {
        // A mandatory extension (`m=`) must be understood, and none is known.
        guard message.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformedChallenge }
        let attributes = String(decoding: message, as: UTF8.self)
            .split(separator: ",", omittingEmptySubsequences: false)
        if let first = attributes.first, first.hasPrefix("e=") {
            throw .refused(SASLRefusal(status: String(first.dropFirst(2))))
        }
        guard attributes.count >= 3, attributes[0].hasPrefix("r="), attributes[1].hasPrefix("s="),
            attributes[2].hasPrefix("i=")
        else { throw .malformedChallenge }
        let nonce = String(attributes[0].dropFirst(2))
        guard nonce.hasPrefix(clientNonce), nonce.utf8.count > clientNonce.utf8.count,
            let salt = Base64.decode(String(attributes[1].dropFirst(2))), !salt.isEmpty,
            let iterations = Int(attributes[2].dropFirst(2))
        else { throw .malformedChallenge }
        guard SASLLimits.iterations.contains(iterations) else { throw .unsafeIterations(iterations) }
        self.nonce = nonce
        self.salt = salt
        self.iterations = iterations
    }
}
