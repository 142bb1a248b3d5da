import Database
package import Model

/// What a new list of an account's mailboxes differs in from the stored one.
package struct ListingChange: Sendable, Equatable {
    /// Mailboxes to be announced; a list read by somebody else may have given them their ids already.
    package var created: [ListedMailbox: MailboxFacts] = [:]
    /// Mailboxes that show something new, another path perhaps, by their number.
    package var updated: [Int64: MailboxFacts] = [:]

    package init() {}

    package var isEmpty: Bool { created.isEmpty && updated.isEmpty }
}

/// The mailboxes that a `ListingChange` made or changed, as they are now.
package struct ListingOutcome: Sendable {
    package var created: [MailboxRecord]
    package var updated: [MailboxRecord]

    package init(created: [MailboxRecord], updated: [MailboxRecord]) {
        self.created = created
        self.updated = updated
    }
}

extension SyncRepository {
    /// Stores a new list, its events in the same transaction; deleted mailboxes go with the messages that were in them (`commit`).
    package func commit(
        _ change: ListingChange, _ lease: AccountLease, at time: Timestamp = .now(),
        announcing: @escaping @Sendable (ListingOutcome) -> [EventDraft]
    ) async throws -> ListingOutcome {
        let (outcome, appended) = try await database.write { [events] sql in
            try LeaseRepository.check(lease, sql)
            let account = lease.account
            // Renamed ones first: a new mailbox may have taken the old path.
            for (number, facts) in change.updated {
                // A row that only waits to be announced makes room for the mailbox that was renamed to its path.
                try sql.execute(
                    """
                    DELETE FROM mailboxes WHERE account_id = \(account.rawValue) AND path = \(facts.path)
                        AND number <> \(number) AND document IS NULL
                    """)
            }
            for (number, facts) in change.updated {
                try sql.execute(
                    """
                    UPDATE mailboxes SET path = \(facts.path), document = \(try Document.text(facts))
                    WHERE number = \(number)
                    """)
            }
            for (mailbox, facts) in change.created {
                try MailboxIndex.insert(mailbox, of: account, time, sql)
                try sql.execute(
                    """
                    UPDATE mailboxes SET document = \(try Document.text(facts))
                    WHERE account_id = \(account.rawValue) AND path = \(mailbox.path)
                    """)
            }
            let paths = Set(change.created.keys.map(\.path))
            let records = try Self.mailboxes(of: account, sql)
            let outcome = ListingOutcome(
                created: records.filter { paths.contains($0.path) },
                updated: records.filter { change.updated[$0.number] != nil })
            return (outcome, try events.append(announcing(outcome), at: time, in: sql))
        }
        events.committed(appended)
        return outcome
    }
}
