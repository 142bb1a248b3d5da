/// What may be sent while other commands run (RFC 9051, 5.5): what a command needs, and what it does while it runs.
///
/// The rule errs on the side of caution: a command that waits costs a round trip, an ambiguous answer costs correctness.
package struct PipeliningRule: Sendable, Hashable {
    /// Must hold for all running commands when this one is sent.
    package var needs: Set<PipeliningNeed>
    /// True of this command while it runs.
    package var does: Set<PipeliningBehavior>

    package init(needs: Set<PipeliningNeed> = [], does: Set<PipeliningBehavior> = []) {
        self.needs = needs
        self.does = does
    }

    /// Whether the command may be sent while `running` are unanswered.
    package func maySend(beside running: some Sequence<PipeliningRule>) -> Bool {
        running.allSatisfy { other in
            !other.does.contains(.barrier)
                && needs.allSatisfy { need in other.does.allSatisfy { need.permits($0) } }
        }
    }
}

/// A condition on the commands that run.
package enum PipeliningNeed: Sendable, Hashable {
    /// Nothing runs at all: what follows changes the session as a whole.
    case nothingRunning
    /// No command runs that works on the selected mailbox.
    case noMailboxCommands
    /// No SELECT runs: the mailbox that this command means must be the selected one when the server reads it, and where
    /// the SELECT fails the command must not hit another.
    case noSelection
    /// No command but FETCH, STORE and SEARCH without UID runs: sequence numbers must not move.
    case noUntaggedExpunge
    /// No command with UIDs runs, whose answers could expunge.
    case noUIDCommands
    case noFlagChanges(NumberSet)
    case noFlagReads(NumberSet)
    /// No FETCH runs that asks for one of these: a server may answer both at the same time (Dovecot does, where its output
    /// is slow), and its answers name the message, not the command.
    case noFetches(NumberSet)
    /// No other command runs whose answer could be taken for this one's: SEARCH, LIST, STATUS of the same kind.
    case noAnswer(AnswerKind)

    func permits(_ behavior: PipeliningBehavior) -> Bool {
        switch (self, behavior) {
        case (.nothingRunning, _): false
        case (.noMailboxCommands, .usesMailbox): false
        case (.noSelection, .changesSelection): false
        case (.noUntaggedExpunge, .mayExpunge): false
        case (.noUIDCommands, .usesUIDs): false
        case (.noFlagChanges(let set), .changesFlags(let changed)): !set.intersects(changed)
        case (.noFlagReads(let set), .readsFlags(let read)): !set.intersects(read)
        case (.noFetches(let set), .fetches(let fetched)): !set.intersects(fetched)
        case (.noAnswer(let kind), .answers(let other)): kind != other
        default: true
        }
    }
}

/// What a running command does.
package enum PipeliningBehavior: Sendable, Hashable {
    case runs
    case changesSelection
    case usesMailbox
    /// The server may send EXPUNGE: true of all but FETCH, STORE and SEARCH by sequence numbers.
    case mayExpunge
    case usesUIDs
    case changesFlags(NumberSet)
    case readsFlags(NumberSet)
    case fetches(NumberSet)
    case answers(AnswerKind)
    /// Nothing may be sent before it ends: its continuation requests could not be told from those of others.
    case barrier
}

/// Answers that carry no mark of the command they belong to.
package enum AnswerKind: Sendable, Hashable {
    case search
    case list
    case quota
}

extension PipeliningRule {
    /// A command that works in any state and asks for nothing that could be mistaken.
    package static let independent = PipeliningRule(does: [.runs, .mayExpunge])
    /// A dialogue, or a change of the session.
    package static let alone = PipeliningRule(needs: [.nothingRunning], does: [.runs, .barrier])
    package static let selection = PipeliningRule(
        needs: [.noMailboxCommands, .noSelection], does: [.runs, .changesSelection, .mayExpunge])
    package static let listing = PipeliningRule(
        needs: [.noAnswer(.list)], does: [.runs, .mayExpunge, .answers(.list)])

    /// A command on messages of the selected mailbox.
    package static func messages(
        _ set: MessageSet, readsFlags: Bool = false, changesFlags: Bool = false, mayExpunge: Bool = true
    ) -> PipeliningRule {
        var rule = PipeliningRule(needs: [.noSelection], does: [.runs, .usesMailbox])
        let numbers = set.isUIDBased ? set.numbers : .all
        if set.isUIDBased {
            rule.does.formUnion([.usesUIDs, .mayExpunge])
        } else {
            rule.needs.formUnion([.noUntaggedExpunge, .noUIDCommands])
            if mayExpunge { rule.does.insert(.mayExpunge) }
        }
        if readsFlags {
            rule.needs.insert(.noFlagChanges(numbers))
            rule.does.insert(.readsFlags(numbers))
        }
        if changesFlags {
            rule.needs.formUnion([.noFlagChanges(numbers), .noFlagReads(numbers)])
            rule.does.insert(.changesFlags(numbers))
        }
        return rule
    }
}
