internal import Crypto
package import Wire

/// CRAM-MD5: the user name and a keyed digest of what the server asks (RFC 2195).
///
/// It hides the password from listeners, though not from those who guess; it proves nothing of the server.
package struct CRAMMD5: SASLMechanism {
    private let username: String
    private let password: Secret
    package private(set) var isComplete = false

    package init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    package var name: String { "CRAM-MD5" }
    package var revealsPassword: Bool { false }

    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !username.isEmpty else { throw .emptyIdentity }
        guard !username.utf8.contains(0), !password.revealed.utf8.contains(0) else { throw .forbiddenOctet }
        return nil
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        guard !isComplete else { throw .unexpectedChallenge }
        guard !challenge.isEmpty else { throw .malformedChallenge }
        isComplete = true
        let digest = HMAC<Insecure.MD5>.authenticationCode(
            for: challenge, using: SymmetricKey(data: password.utf8))
        return Array(username.utf8) + [0x20] + Hexadecimal.encode(Array(digest))
    }
}

enum Hexadecimal {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
