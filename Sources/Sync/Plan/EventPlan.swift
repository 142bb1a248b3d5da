package import Model
import Representation
package import Store

/// Which events tell of what happened to messages and mailboxes: a pure function.
package enum EventPlan {
    /// In the order of arrival, so that what came first is told first.
    package static func events(for transitions: [MessageTransition], of account: AccountID) -> [EventDraft] {
        transitions.sorted { left, right in
            let times = (left.summary?.receivedAt ?? .distantPast, right.summary?.receivedAt ?? .distantPast)
            return times.0 == times.1 ? left.email < right.email : times.0 < times.1
        }.flatMap { events(for: $0, of: account) }
    }

    private static func events(for transition: MessageTransition, of account: AccountID) -> [EventDraft] {
        let (before, after) = (transition.before, transition.after)
        if after.isEmpty {
            guard !before.isEmpty else { return [] }
            return [EventDraft(.messageDeleted, of: account, data: gone(transition))]
        }
        if before.isEmpty {
            guard transition.isNews, var message = transition.summary else { return [] }
            message.id = transition.email
            message.threadID = transition.thread
            message.mailboxIDs = after.sorted()
            let announced = AnnouncedMessage(message, roles: transition.rolesAfter)
            return [EventDraft(.messageCreated, of: account, data: JSONWriter.bytes(of: announced))]
        }
        var drafts: [EventDraft] = []
        let isMoved = !before.isSubset(of: after) && !after.isSubset(of: before)
        if isMoved { drafts.append(EventDraft(.messageMoved, of: account, data: change(transition, ["mailboxIds"]))) }
        var changed = before == after || isMoved ? [] : ["mailboxIds"]
        if let old = transition.keywordsBefore, old != transition.keywords { changed.append("keywords") }
        if !changed.isEmpty {
            drafts.append(EventDraft(.messageUpdated, of: account, data: change(transition, changed)))
        }
        return drafts
    }

    /// `changed` names the members that are not as they were; those that say what was before tell how.
    private static func change(_ transition: MessageTransition, _ changed: [String]) -> [UInt8] {
        JSONWriter.bytes(
            of: MessageChange(
                id: transition.email, threadID: transition.thread, mailboxIDs: transition.after.sorted(),
                roles: transition.rolesAfter, keywords: transition.keywords, changed: changed,
                previousMailboxIDs: changed.contains("mailboxIds") ? transition.before.sorted() : nil,
                previousRoles: changed.contains("mailboxIds") ? transition.rolesBefore : nil,
                previousKeywords: changed.contains("keywords") ? transition.keywordsBefore ?? [] : nil))
    }

    private static func gone(_ transition: MessageTransition) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("id", transition.email)
            writer.member("threadId", transition.thread)
            writer.member("previousMailboxIds", array: transition.before.sorted())
            writer.member("previousMailboxRoles", array: transition.rolesBefore.map(\.rawValue).sorted())
        }
    }
}

extension EventPlan {
    package static func events(for outcome: ListingOutcome, isFirst: Bool, of account: AccountID) -> [EventDraft] {
        // What an account brings along is no news.
        let created = isFirst ? [] : outcome.created
        return created.map { EventDraft(.mailboxCreated, of: account, data: facts(of: $0)) }
            + outcome.updated.map { EventDraft(.mailboxUpdated, of: account, data: facts(of: $0)) }
    }

    package static func deleted(_ mailbox: MailboxRecord, of account: AccountID) -> EventDraft {
        EventDraft(.mailboxDeleted, of: account, data: facts(of: mailbox))
    }

    /// UIDs mean other messages now; ids of messages stay as they are.
    package static func reset(_ mailbox: MailboxRecord, of account: AccountID) -> EventDraft {
        EventDraft(.mailboxReset, of: account, data: facts(of: mailbox))
    }

    private static func facts(of mailbox: MailboxRecord) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member("id", mailbox.id)
            writer.member("path", mailbox.path)
            if let facts = mailbox.announced {
                writer.member("name", facts.name)
                writer.member("parentId", facts.parentID)
                writer.member("role", facts.role)
                writer.member("isSubscribed", facts.isSubscribed)
                writer.member("isSelectable", facts.isSelectable)
            }
        }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(milliseconds: .min)
}
