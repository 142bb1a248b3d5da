package import IMAP
import Model

/// Fetches what is shown of messages, whatever is wrong with one of them.
///
/// A server that cannot make sense of a message answers with what nobody understands, leaves something out, or refuses
/// the whole FETCH because of this one. Then the message is singled out, and what ENVELOPE and BODYSTRUCTURE do not say
/// is read from its header and its octets, which come along as sections: see `Summary`. What remains unknown is told in
/// `problems`.
package struct TolerantFetch: Sendable {
    private let session: IMAPLease
    private let items: [FetchItem]
    /// Octets of a message that are read where its structure is unknown.
    private let rawOctets: Int

    package init(_ session: IMAPLease, _ items: [FetchItem], rawOctets: Int? = nil) {
        self.session = session
        self.items = items
        self.rawOctets = rawOctets ?? Limits.repairedOctets
    }

    /// Those of the messages that are there.
    package func messages(_ uids: UIDSet) async throws -> [FetchedMessage] {
        guard !uids.isEmpty else { return [] }
        var budget = Limits.repairCommands
        return try await messages(uids, &budget)
    }

    /// The same as below, beside the question for news; nil where there were any, or the server refuses.
    package func unchanged(from first: UInt32, count: Int) async throws -> [FetchedMessage]? {
        try await unchanged(.sequences(.from(first)), count: count)
    }

    /// The same for messages that are known; nil also where one of them is gone.
    package func unchanged(_ uids: UIDSet) async throws -> [FetchedMessage]? {
        guard !uids.isEmpty else { return [] }
        return try await unchanged(.uids(uids), count: uids.count)
    }

    private func unchanged(_ messages: MessageSet, count: Int) async throws -> [FetchedMessage]? {
        let fetched = try await unrefused(FetchCommand(messages, items: items))
        guard let fetched = fetched?.oneOfEach, fetched.allSatisfy({ $0.uid != nil }), fetched.count >= count else {
            return nil
        }
        var budget = Limits.repairCommands
        return try await repaired(fetched, &budget)
    }

    private func unrefused(_ command: FetchCommand) async throws(MailClientError) -> [FetchedMessage]? {
        do throws(MailClientError) {
            return try await session.executeUnchanged(command)
        } catch {
            guard case .rejected = error else { throw error }
            return nil
        }
    }

    /// The messages from this sequence number on, of which there are `count`.
    package func messages(from first: UInt32, count: Int) async throws -> [FetchedMessage] {
        var budget = Limits.repairCommands
        let range = MessageSet.sequences(.from(first))
        var known: [FetchedMessage]
        switch try await ask(range, items) {
        case .success(let fetched): known = fetched.filter { $0.uid != nil }
        case .failure(let refusal):
            let uids = try await session.execute(FetchCommand(range, items: [.uid])).compactMap(\.uid)
            return try await isolate(UIDSet(uids), refusal, &budget)
        }
        if known.count < count {
            let uids = Set(try await session.execute(FetchCommand(range, items: [.uid])).compactMap(\.uid))
            known += try await unanswered(UIDSet(uids.subtracting(known.compactMap(\.uid))), &budget)
        }
        return try await repaired(known, &budget)
    }

    private func messages(_ uids: UIDSet, _ budget: inout Int) async throws -> [FetchedMessage] {
        switch try await ask(.uids(uids), items) {
        case .success(var fetched):
            let missing = Set(uids.numbers).subtracting(fetched.compactMap(\.uid))
            fetched += try await unanswered(UIDSet(missing), &budget)
            return try await repaired(fetched, &budget)
        case .failure(let refusal): return try await isolate(uids, refusal, &budget)
        }
    }

    /// A failure where the server said no to the command, and goes on.
    private func ask(
        _ messages: MessageSet, _ items: [FetchItem]
    ) async throws(MailClientError) -> Result<[FetchedMessage], MailClientError> {
        do throws(MailClientError) {
            return .success(try await session.execute(FetchCommand(messages, items: items)).oneOfEach)
        } catch {
            guard case .rejected = error else { throw error }
            return .failure(error)
        }
    }

    /// Messages that were asked for and not answered: most are gone, and of those that are not the answer was
    /// unreadable or left out.
    private func unanswered(_ uids: UIDSet, _ budget: inout Int) async throws -> [FetchedMessage] {
        guard !uids.isEmpty else { return [] }
        budget -= 1
        return try await session.execute(FetchCommand(.uids(uids), items: items.filter { Self.plain.contains($0) }))
    }

    // MARK: a FETCH that was refused

    /// Halves the set until the message is found that the server cannot give.
    ///
    /// Throws where not one message could be read: then it is not a message that is at fault.
    private func isolate(_ uids: UIDSet, _ refusal: MailClientError, _ budget: inout Int) async throws
        -> [FetchedMessage]
    {
        var fetched: [FetchedMessage] = []
        var sound = 0
        var sets = [uids]
        while let set = sets.popLast() {
            guard set.count > 1 else {
                guard let uid = set.first else { continue }
                let message = try await singly(uid, &budget)
                if let message { fetched.append(message) }
                if message?.flags != nil { sound += 1 }
                continue
            }
            let halves = set.chunked(size: (set.count + 1) / 2)
            for half in halves.reversed() {
                guard budget > 0 else { throw refusal }
                budget -= 1
                switch try await ask(.uids(half), items) {
                case .success(let found):
                    fetched += try await repaired(found, &budget)
                    sound += found.count
                case .failure: sets.append(half)
                }
            }
        }
        guard sound > 0 || uids.count == 1 else { throw refusal }
        return fetched
    }

    /// Asks for the items of one message one after the other; nil where the message is gone.
    private func singly(_ uid: UInt32, _ budget: inout Int) async throws -> FetchedMessage? {
        let one = MessageSet.uids(UIDSet(uid))
        var message = FetchedMessage(sequence: 0)
        message.uid = uid
        let plain = items.filter { Self.plain.contains($0) }
        var groups = [[.uid] + plain.filter { $0 != .uid }]
        groups += items.filter { !Self.plain.contains($0) && $0 != .envelope && $0 != .bodyStructure }.map {
            [.uid, $0]
        }
        if items.contains(.envelope) { groups.append([.uid, .envelope]) }
        if items.contains(.bodyStructure) { groups.append([.uid, .bodyStructure]) }
        var answered = false
        for (index, group) in groups.enumerated() {
            budget -= 1
            switch try await ask(one, group) {
            case .success(let found):
                let found = found.first { $0.uid == uid }
                if index == 0, found == nil { return nil }
                if let found { message.merge(found) }
                answered = true
            case .failure: if index == 0 { message.problems.append(FetchProblem(item: "FETCH")) }
            }
        }
        return answered ? try await repaired([message], &budget).first : message
    }

    // MARK: what ENVELOPE and BODYSTRUCTURE did not say

    private func repaired(_ messages: [FetchedMessage], _ budget: inout Int) async throws -> [FetchedMessage] {
        var messages = messages
        let noHeader = messages.indices.filter {
            (items.contains(.envelope) && messages[$0].envelope == nil && messages[$0].bytes(of: .header) == nil)
                || (items.contains(.body(.header)) && messages[$0].bytes(of: .header) == nil)
        }
        let noStructure = messages.indices.filter {
            items.contains(.bodyStructure) && messages[$0].bodyStructure == nil
        }
        for index in noHeader where items.contains(.envelope) { messages[index].lacks("ENVELOPE") }
        for index in noStructure { messages[index].lacks("BODYSTRUCTURE") }
        for index in noStructure where budget > 0 {
            let octets = try await section(.message, of: messages[index].uid, octets: rawOctets, &budget)
            if let octets { messages[index].sections.append(FetchedSection(section: .message, data: .bytes(octets))) }
        }
        for index in noHeader where budget > 0 && messages[index].bytes(of: .message) == nil {
            let octets = try await section(
                .header, of: messages[index].uid, octets: Limits.repairedHeaderOctets, &budget)
            if let octets { messages[index].sections.append(FetchedSection(section: .header, data: .bytes(octets))) }
        }
        return messages
    }

    /// Nil where the server does not give it.
    private func section(
        _ section: Section, of uid: UInt32?, octets: Int, _ budget: inout Int
    ) async throws -> [UInt8]? {
        guard let uid else { return nil }
        budget -= 1
        let item = FetchItem.body(section, partial: 0..<UInt64(octets))
        switch try await ask(.uids(UIDSet(uid)), [.uid, item]) {
        case .success(let found): return found.first { $0.uid == uid }?.bytes(of: section)
        case .failure: return nil
        }
    }

    /// What a server knows of a message without having understood it.
    private static let plain: Set<FetchItem> = [
        .uid, .flags, .internalDate, .saveDate, .size, .emailID, .threadID, .gmailMessageID, .gmailThreadID,
    ]
}

extension [FetchedMessage] {
    /// Each message once: news of its flags may have come between, before or after what was asked.
    fileprivate var oneOfEach: [FetchedMessage] {
        var messages: [FetchedMessage] = []
        messages.reserveCapacity(count)
        var places: [UInt32: Int] = [:]
        for message in self {
            guard let uid = message.uid else {
                messages.append(message)
                continue
            }
            if let place = places[uid] {
                messages[place].merge(message)
            } else {
                places[uid] = messages.count
                messages.append(message)
            }
        }
        return messages
    }
}

extension FetchedMessage {
    fileprivate mutating func lacks(_ item: String) {
        guard !problems.contains(where: { $0.item.uppercased() == item }) else { return }
        problems.append(FetchProblem(item: item))
    }
}
