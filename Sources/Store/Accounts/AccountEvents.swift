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
    static func transition(from old: AccountState?, to account: Account) -> [EventDraft] {
        guard old != account.state else { return [] }
        switch account.state {
        case .connected: return [draft(.accountConnected, account)]
        case .authenticationFailed: return [draft(.accountAuthenticationFailed, account)]
        case .unreachable: return [draft(.accountUnreachable, account)]
        case .connecting, .syncing, .disabled: return []
        }
    }

    private static func draft(_ type: EventType, _ account: Account) -> EventDraft {
        EventDraft(type, of: account.id, data: JSONWriter.bytes(of: account))
    }
}
