package import Wire

/// SCRAM-SHA-1 and SCRAM-SHA-256, with channel binding where there is one (RFC 5802, 7677, 5929, 9266).
///
/// The password does not leave, and the server has to prove that it knows it: success before that proof is not believed.
package struct SCRAM: SASLMechanism {
    private enum Step {
        case first
        case challenged
        /// Waits for the server's proof, which must be this.
        case proving(signature: [UInt8])
        case done
    }

    /// How the client speaks of channel binding in the header of its first message (RFC 5802 section 6).
    package enum Binding: Sendable, Equatable {
        /// The client could not bind.
        case unsupported
        /// The client could, and the server did not offer to; one that did knows by this that somebody changed its list.
        case notOffered
        case bound(ChannelBinding)

        var flag: String {
            switch self {
            case .unsupported: "n"
            case .notOffered: "y"
            case .bound(let binding): "p=" + binding.name
            }
        }
    }

    private let hash: SCRAMHash
    private let username: String
    private let password: Secret
    private let authorizationID: String
    private let binding: Binding
    private let nonce: String
    private var step = Step.first

    /// `nonce` is for tests with known answers; otherwise it is made of 18 random octets.
    package init(
        _ hash: SCRAMHash, username: String, password: Secret, authorizationID: String = "",
        binding: Binding = .unsupported, nonce: String? = nil
    ) {
        self.hash = hash
        self.username = SASLprep.preparedOrAsIs(username)
        self.password = Secret(SASLprep.preparedOrAsIs(password.revealed))
        self.authorizationID = authorizationID
        self.binding = binding
        self.nonce = nonce ?? Base64.encode((0..<18).map { _ in UInt8.random(in: 0...255) })
    }

    package var name: String {
        if case .bound = binding { return "SCRAM-\(hash.rawValue)-PLUS" }
        return "SCRAM-\(hash.rawValue)"
    }

    package var revealsPassword: Bool { false }

    package var isComplete: Bool { if case .done = step { true } else { false } }

    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !username.isEmpty else { throw .emptyIdentity }
        guard [username, password.revealed, authorizationID].allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .forbiddenOctet
        }
        step = .challenged
        return Array((header + bare).utf8)
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        switch step {
        case .first, .done: throw .unexpectedChallenge
        case .challenged: return try prove(challenge)
        case .proving(let signature):
            try check(challenge, signature)
            step = .done
            return []
        }
    }

    private var header: String {
        binding.flag + "," + (authorizationID.isEmpty ? "" : "a=" + Self.escaped(authorizationID)) + ","
    }

    private var bare: String { "n=" + Self.escaped(username) + ",r=" + nonce }

    private mutating func prove(_ challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        let first = try ServerFirst(challenge, extending: nonce)
        guard let salted = hash.salted(password.utf8, salt: first.salt, rounds: first.iterations) else {
            throw .malformedChallenge
        }
        var bindingInput = Array(header.utf8)
        if case .bound(let binding) = binding { bindingInput += binding.data }
        let final = "c=" + Base64.encode(bindingInput) + ",r=" + first.nonce
        let message = Array(bare.utf8) + [0x2C] + challenge + [0x2C] + Array(final.utf8)
        let clientKey = hash.authenticationCode(Array("Client Key".utf8), key: salted)
        let clientSignature = hash.authenticationCode(message, key: hash.digest(clientKey))
        let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
        let serverKey = hash.authenticationCode(Array("Server Key".utf8), key: salted)
        step = .proving(signature: hash.authenticationCode(message, key: serverKey))
        return Array((final + ",p=" + Base64.encode(proof)).utf8)
    }

    private func check(_ challenge: [UInt8], _ expected: [UInt8]) throws(SASLError) {
        let attributes = String(decoding: challenge, as: UTF8.self).split(separator: ",", maxSplits: 1)
        guard let verdict = attributes.first else { throw .malformedChallenge }
        if verdict.hasPrefix("e=") { throw .refused(SASLRefusal(status: String(verdict.dropFirst(2)))) }
        guard verdict.hasPrefix("v="), let signature = Base64.decode(String(verdict.dropFirst(2))) else {
            throw .malformedChallenge
        }
        guard signature == expected else { throw .serverNotProved }
    }

    /// `saslname`: a comma and an equals sign would end the attribute.
    private static func escaped(_ text: String) -> String {
        text.replacing("=", with: "=3D").replacing(",", with: "=2C")
    }
}
