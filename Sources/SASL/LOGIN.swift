package import Wire

/// LOGIN: user name, then password, each asked for (draft-murchison-sasl-login; never an RFC, still all that some offer).
///
/// The prompts are not read: `Username:`, `User Name` with a trailing NUL, translated or empty ones all mean the same.
/// With an initial response nobody agrees on what it holds, so this mechanism never sends one.
package struct LOGIN: SASLMechanism {
    private enum Step {
        case username
        case password
        case done
    }

    private let username: String
    private let password: Secret
    private var step = Step.username

    package init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    package var name: String { "LOGIN" }
    package var revealsPassword: Bool { true }
    package var ignoresChallenges: Bool { true }
    package var isComplete: Bool { step == .done }

    package mutating func initialResponse() throws(SASLError) -> [UInt8]? {
        guard !username.isEmpty else { throw .emptyIdentity }
        guard !username.utf8.contains(0), !password.revealed.utf8.contains(0) else { throw .forbiddenOctet }
        return nil
    }

    package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        switch step {
        case .username:
            step = .password
            return Array(username.utf8)
        case .password:
            step = .done
            return password.utf8
        case .done:
            throw .unexpectedChallenge
        }
    }
}
