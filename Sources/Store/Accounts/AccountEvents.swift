import Model
import Representation

/// What a change of an account is told as.
enum AccountEvents {
    static func created(_ account: Account) -> [EventDraft] {
        [draft(.accountCreated, account)] + transition(from: nil, to: account)
    }

    static func updated(from old: Account, to new: Account) -> [EventDraft] {
        [draft(.accountUpdated, new)] + transition(from: old.state, to: new)
    }

    /// The account as it was last.
    static func deleted(_ account: Account) -> [EventDraft] { [draft(.accountDeleted, account)] }

    /// How the account fares now, where that is another thing than before.
    ///
    /// `consentLink` is where its owner may consent again.
    static func transition(
        from old: AccountState?, to account: Account, consentLink: String? = nil
    ) -> [EventDraft] {
        guard let type = type(of: account.state), type != old.flatMap(Self.type) else { return [] }
        guard let consentLink else { return [draft(type, account)] }
        return [
            EventDraft(
                type, of: account.id,
                data: JSONWriter.bytes(of: ToldAccount(account: account, consentLink: consentLink)))
        ]
    }

    /// Whoever reads mail is connected: that a sync begins or ends is no news of the account.
    private static func type(of state: AccountState) -> EventType? {
        switch state {
        case .connected, .syncing: .accountConnected
        case .authenticationFailed: .accountAuthenticationFailed
        case .unreachable: .accountUnreachable
        case .connecting, .disabled: nil
        }
    }

    private static func draft(_ type: EventType, _ account: Account) -> EventDraft {
        EventDraft(type, of: account.id, data: JSONWriter.bytes(of: account))
    }
}
