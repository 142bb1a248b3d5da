import MailServers
import Synchronization
import Testing

/// Mail that comes to accounts, and mail that they are told to send, until it is stopped.
final class Traffic: Sendable {
    private struct State {
        var delivered: [String: Set<String>] = [:]
        var accepted: [(id: String, account: String, subject: String)] = []
        /// Whether these were taken is not known: the answer did not come.
        var uncertain: Set<String> = []
        var number = 0
        var isOver = false
    }

    private let state = Mutex(State())
    let accounts: [MailAccount]
    let recipient: MailAccount
    private let cluster: Cluster

    init(_ cluster: Cluster, _ accounts: [MailAccount], to recipient: MailAccount) {
        self.cluster = cluster
        self.accounts = accounts
        self.recipient = recipient
    }

    func stop() { state.withLock { $0.isOver = true } }

    /// By account, the subjects that were delivered to it.
    var delivered: [String: Set<String>] { state.withLock { $0.delivered } }
    var accepted: [(id: String, account: String, subject: String)] { state.withLock { $0.accepted } }
    var uncertain: Set<String> { state.withLock { $0.uncertain } }

    func run() async throws {
        while !state.withLock({ $0.isOver }) {
            let number = state.withLock { state in
                state.number += 1
                return state.number
            }
            let account = accounts[number % accounts.count]
            let subject = "mail \(number)"
            try await cluster.host.dovecot.deliver(account.user, TestMail.plain(subject, to: account.user.email))
            state.withLock { _ = $0.delivered[account.id, default: []].insert(subject) }
            await submit("sent \(number)", from: accounts[(number * 7) % accounts.count])
            // Sound: the pace of the mail, not a wait for anything
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    private func submit(_ subject: String, from account: MailAccount) async {
        guard let node = cluster.nodes.randomElement() else { return }
        var client = node.process.client
        // One that is paused or cut need not be waited for.
        client.timeout = 3
        let draft: JSONValue = [
            "to": [.string(recipient.user.email)], "subject": .string(subject), "text": "Hello.", "saveToSent": false,
        ]
        let answer = try? await client.post("\(account.path)/submissions", json: draft)
        state.withLock { state in
            if let answer, answer.status == 202, let id = (try? answer.json)?["id"].string {
                state.accepted.append((id, account.id, subject))
            } else if answer == nil || answer?.status ?? 0 >= 500 {
                state.uncertain.insert(subject)
            }
        }
    }
}
