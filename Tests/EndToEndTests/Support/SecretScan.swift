import Foundation
import MailServers
import Synchronization
import Testing

/// Looks for what opens doors in all that every program of this test run has printed.
enum SecretScan {
    /// As they are, and as SASL and HTTP write them.
    private static let secrets: [String] = {
        let passwords = [MailUser("a").password, MailbridgeProcess.adminToken]
        let plain = passwords + ["PRIVATE KEY-----", "client-s3cret", "refresh_token=", "code_verifier=", "Bearer ey"]
        return plain + passwords.flatMap(encoded)
    }()

    /// What a text looks like within base64, wherever it begins.
    private static func encoded(_ text: String) -> [String] {
        (0..<3).map { offset in
            let padded = Data(repeating: 0, count: offset) + Data(text.utf8)
            // The first and the last letters also depend on what stands beside.
            return String(padded.base64EncodedString().dropFirst(offset == 0 ? 0 : offset + 1).dropLast(4))
        }
    }

    static func finds(_ text: String) -> Bool { secrets.contains { text.contains($0) } }

    static func check() {
        for output in MailbridgeProcess.outputs.withLock({ $0 }) {
            let lines = output.text.split(separator: "\n").filter { finds(String($0)) }
            #expect(lines.isEmpty, "a program printed a secret")
        }
    }
}

/// That it would find something.
@Suite struct SecretScanTests {
    @Test(arguments: ["", "a", "ab", "abc\0user\0"]) func `a password is found within base64`(before: String) {
        let written = Data((before + MailUser("a").password + "\n").utf8).base64EncodedString()
        #expect(SecretScan.finds(written) && !SecretScan.finds("nothing"))
    }
}
