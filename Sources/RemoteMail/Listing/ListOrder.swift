import IMAP
import Mapping
import Model

/// How a server's messages are put in order.
enum ListOrder: Sendable, Equatable {
    /// By SORT. A server that can cut its answer sorts downwards itself; else its upward order is turned round here, so
    /// that of equal messages the last comes first.
    case server(SortCriterion, isTurned: Bool)
    /// By UID, which is the order in which messages came into the mailbox: the nearest to `receivedAt` without SORT.
    case uid
    /// By keys that are fetched of all messages.
    case local

    init(_ sort: MessageSort, _ capabilities: CapabilitySet) {
        guard capabilities.contains(.sort) else {
            self = sort.field == .receivedAt ? .uid : .local
            return
        }
        let key: SortCriterion.Key =
            switch sort {
            case .newest, .oldest: .arrival
            case .size, .sizeDescending: .size
            case .sentAt, .sentAtDescending: .date
            case .subject, .subjectDescending: .subject
            case .from, .fromDescending: capabilities.contains(.sortDisplay) ? .displayFrom : .from
            }
        let cuts = SortCommand.cuts(capabilities)
        self = .server(
            SortCriterion(key, isReversed: sort.isDescending && cuts), isTurned: sort.isDescending && !cuts)
    }

    /// Whether of equal messages the one with the higher UID comes first.
    func tiesDescend(_ sort: MessageSort) -> Bool {
        if case .server(_, let isTurned) = self { isTurned } else { sort.isDescending }
    }

    /// Whether senders are compared by what people read.
    static func showsNames(_ capabilities: CapabilitySet) -> Bool {
        !capabilities.contains(.sort) || capabilities.contains(.sortDisplay)
    }
}
