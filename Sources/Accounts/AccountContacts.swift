import MailClient
import Model
import Store
import Synchronization

/// How each account's servers answered last, written to the store when it changes an account's state and not otherwise.
final class AccountContacts: Sendable {
    /// What the store is told; the time of an error is no news by itself.
    private struct Verdict: Equatable {
        var state: AccountState
        var mailProtocol: MailProtocol?
        var code: String?
    }

    private struct Contact {
        var errors: [MailProtocol: MailClientError] = [:]
        /// The account's mail is being read for the first time.
        var isSyncing = false
        var stored: Verdict?
        /// One task at a time writes an account's state, so that an older verdict never overtakes a newer one; whoever has news
        /// meanwhile waits for it, as he may tell a caller what the store says.
        var writing: Task<Void, Never>?
    }

    private let store: MailStore
    private let contacts = Mutex<[AccountID: Contact]>([:])

    init(store: MailStore) { self.store = store }

    func forget(_ id: AccountID) { contacts.withLock { $0[id] = nil } }

    func note(_ id: AccountID, _ mailProtocol: MailProtocol, error: MailClientError?) async {
        guard error?.saysSomethingAboutTheServer ?? true else { return }
        await change(id) { $0.errors[mailProtocol] = error.flatMap { $0.accountState == nil ? nil : $0 } }
    }

    /// Tells when the first reading of the account begins and ends.
    func noteSyncing(_ id: AccountID, _ isSyncing: Bool) async { await change(id) { $0.isSyncing = isSyncing } }

    private func change(_ id: AccountID, _ change: (inout Contact) -> Void) async {
        let writing = contacts.withLock { contacts in
            var contact = contacts[id] ?? Contact()
            change(&contact)
            if contact.writing == nil, contact.stored != Self.verdict(contact) {
                contact.writing = Task(name: "account state") { await write(id) }
            }
            contacts[id] = contact
            return contact.writing
        }
        await writing?.value
    }

    /// Writes until what is stored is what is known.
    private func write(_ id: AccountID) async {
        while true {
            let known = contacts.withLock { contacts -> Contact? in
                guard var contact = contacts[id] else { return nil }
                guard contact.stored != Self.verdict(contact) else {
                    contact.writing = nil
                    contacts[id] = contact
                    return nil
                }
                return contact
            }
            guard let known else { return }
            let verdict = Self.verdict(known)
            switch await store(verdict, known.errors, of: id) {
            case .done: contacts.withLock { $0[id]?.stored = verdict }
            case .outdated: return forget(id)
            case .failed:
                // What is known of the other protocols stays; the next contact tries again.
                return contacts.withLock { contacts in
                    contacts[id]?.stored = nil
                    contacts[id]?.writing = nil
                }
            }
        }
    }

    private enum Storing {
        case done
        /// The account is not there any more, disabled, or has other settings: what was known is of no use.
        case outdated
        /// The store did not answer.
        case failed
    }

    private func store(
        _ verdict: Verdict, _ errors: [MailProtocol: MailClientError], of id: AccountID
    ) async -> Storing {
        do {
            guard let account = try await store.accounts.account(id), account.state != .disabled else {
                return .outdated
            }
            if account.state == verdict.state, account.lastError?.mailProtocol == verdict.mailProtocol,
                account.lastError?.code == verdict.code
            {
                return .done
            }
            let fault = verdict.mailProtocol.flatMap { name in
                errors[name].map {
                    AccountFault(mailProtocol: name, code: $0.code, text: $0.description, at: .now())
                }
            }
            let isStored = try await store.accounts.setState(
                id, verdict.state, lastError: fault, ifRevision: account.revision)
            return isStored ? .done : .outdated
        } catch {
            return .failed
        }
    }

    /// A refused password outweighs a server that is away: it needs a person.
    private static func verdict(_ contact: Contact) -> Verdict {
        let errors = contact.errors
        for state in [AccountState.authenticationFailed, .unreachable] {
            for name in MailProtocol.allCases where errors[name]?.accountState == state {
                return Verdict(state: state, mailProtocol: name, code: errors[name]?.code)
            }
        }
        return Verdict(state: contact.isSyncing ? .syncing : .connected)
    }
}

extension MailClientError {
    /// Whether the server had a part in it: a caller who gives up has not learnt anything.
    fileprivate var saysSomethingAboutTheServer: Bool {
        if case .notConfigured = self { return false }
        return code != MailClientError.cancelled.code
    }

    /// What the error makes of the account; nil for a server that lets us in and refuses one request.
    var accountState: AccountState? {
        switch self {
        case .authenticationFailed, .noAuthenticationMechanism, .cleartextForbidden: .authenticationFailed
        case .rejected, .unsupported, .cancelled, .notConfigured: nil
        case .connect, .startTLSUnavailable, .startTLSInjection, .unavailable, .timedOut, .disconnected,
            .protocolViolation, .limitExceeded:
            .unreachable
        }
    }
}
