package import Model

/// The sessions of all accounts' pools, added up.
package struct SessionCounts: Sendable, Equatable {
    package var pools = 0
    /// Used by a request now.
    package var lent = 0
    package var idle = 0
    package var connecting = 0
    /// Requests that wait for one.
    package var waiting = 0

    package init() {}
}

extension AccountSessions {
    /// By protocol; one that no account uses counts nothing.
    package var counts: [MailProtocol: SessionCounts] {
        let (imap, pop3, smtp) = pools
        var counts: [MailProtocol: SessionCounts] = [
            .imap: SessionCounts(), .pop3: SessionCounts(), .smtp: SessionCounts(),
        ]
        for snapshot in imap.map(\.snapshot) {
            counts[.imap]?.pools += 1
            counts[.imap]?.lent += snapshot.lent
            counts[.imap]?.idle += snapshot.idle
            counts[.imap]?.connecting += snapshot.connecting
            counts[.imap]?.waiting += snapshot.waiting
        }
        for status in pop3.map(\.status) {
            counts[.pop3]?.pools += 1
            counts[.pop3]?.lent += status.isLent && !status.isConnecting ? 1 : 0
            counts[.pop3]?.connecting += status.isConnecting ? 1 : 0
            counts[.pop3]?.waiting += status.waiting
        }
        for pool in smtp {
            let (status, connecting) = (pool.status, pool.contact.connecting)
            counts[.smtp]?.pools += 1
            counts[.smtp]?.lent += max(0, status.lent - connecting)
            counts[.smtp]?.connecting += connecting
            counts[.smtp]?.idle += status.idle
            counts[.smtp]?.waiting += status.waiting
        }
        return counts
    }
}
