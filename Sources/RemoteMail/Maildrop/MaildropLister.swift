import MIME
import MailClient
import Mapping
import Model
import Store

/// One page of a maildrop's messages.
///
/// The usual order is that of the maildrop, which is the order of arrival, and needs nothing read but what is shown. Others, and filters that
/// look into messages, read as many as it takes, up to limits.
struct MaildropLister {
    let view: MaildropView
    let query: MessageQuery
    let filter: MaildropFilter

    /// Whether the whole message is needed for what is shown.
    private var showsContent: Bool {
        query.fields.map { !$0.isDisjoint(with: [.preview, .attachments, .hasAttachment]) } ?? false
    }

    /// The next `count` messages, and one more where there are more.
    func run(from position: ListCursor.Position?, count: Int) async throws -> MailboxRun {
        var run = MailboxRun(mailbox: view.mailbox, uidValidity: MaildropRepository.uidValidity)
        let ordered = try await ordered()
        let start = position.map { place(of: $0, in: ordered) } ?? 0
        var seen = query.collapsesThreads ? try await threads(of: ordered[..<start]) : []
        var next = start
        var looked = 0
        var read = 0
        while run.messages.count <= count, next < ordered.count {
            guard looked < Limits.checkedMessages else {
                run.isOpen = true
                break
            }
            let missing = count + 1 - run.messages.count
            let size = min(filter.isEmpty && !query.collapsesThreads ? missing : Limits.searchBatch, Limits.searchBatch)
            let batch = Array(ordered[next..<min(next + size, ordered.count)])
            for (key, message) in try await qualified(batch, &read) {
                guard let uid = message.place?.uid else { continue }
                let isFirst = message.threadID.map { seen.insert($0).inserted } ?? true
                if query.collapsesThreads, !isFirst { continue }
                run.messages.append((uid, key, message))
                if run.messages.count > count { break }
            }
            if let last = batch.last { run.lookedAt = (last.message.uid, last.key) }
            next += batch.count
            looked += batch.count
            if read > Limits.checkedContents {
                run.isOpen = next < ordered.count
                break
            }
        }
        return run
    }

    /// The conversations that earlier pages have shown; what the index knows of them is not read again.
    private func threads(of earlier: ArraySlice<Place>) async throws -> Set<ThreadID> {
        guard !earlier.isEmpty else { return [] }
        let known = Dictionary(
            try await view.index.threads(
                in: view.mailbox, uidValidity: MaildropRepository.uidValidity, of: view.account,
                limit: view.enrolment.messages.count
            ).map { ($0.uid, $0.thread) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<ThreadID> = []
        var open: [Place] = []
        for place in earlier {
            switch (filter.decide(place.message.uid, subject(of: place.message)), known[place.message.uid]) {
            case (false?, _): continue
            case (true?, let thread?): seen.insert(thread)
            default: open.append(place)
            }
        }
        var read = 0
        for start in stride(from: 0, to: open.count, by: Limits.searchBatch) {
            let batch = Array(open[start..<min(start + Limits.searchBatch, open.count)])
            for (_, message) in try await qualified(batch, &read) {
                if let thread = message.threadID { seen.insert(thread) }
            }
        }
        return seen
    }

    // MARK: Order

    private struct Place {
        let message: EnrolledMessage
        let key: SortKey
    }

    /// All messages in the order of the list; `receivedAt` is the order of the maildrop.
    private func ordered() async throws -> [Place] {
        let messages = view.enrolment.messages
        let descends = query.sort.isDescending
        var places: [Place]
        switch query.sort {
        case .newest, .oldest: places = messages.map { Place(message: $0, key: .number(Int64($0.uid))) }
        case .size, .sizeDescending: places = messages.map { Place(message: $0, key: .number(Int64($0.size))) }
        case .from, .fromDescending, .subject, .subjectDescending, .sentAt, .sentAtDescending:
            guard messages.count <= Limits.maildropSorted else {
                throw RemoteMailError.tooManyToSort(maximum: Limits.maildropSorted)
            }
            let headers = try await view.session.headers(of: messages.map(\.number))
            places = messages.compactMap { message in
                headers[message.number].map { header in
                    let summary = view.summary(of: message, header: header)
                    return Place(message: message, key: SortKey(summary, query.sort, showsNames: true))
                }
            }
        }
        places.sort { ($0.key, $0.message.uid) < ($1.key, $1.message.uid) }
        return descends ? places.reversed() : places
    }

    /// At or behind the cursor's message, or where that would stand if it were not gone.
    private func place(of position: ListCursor.Position, in ordered: [Place]) -> Int {
        if let index = ordered.firstIndex(where: { $0.message.uid == position.uid }) {
            return position.isDone ? index + 1 : index
        }
        let gone = (position.key, position.uid)
        return ordered.firstIndex { place in
            let here = (place.key, place.message.uid)
            return query.sort.isDescending ? here < gone : here > gone
        } ?? ordered.count
    }

    // MARK: What qualifies

    /// Those of a batch that qualify, in its order; `read` counts messages that were read whole.
    private func qualified(_ batch: [Place], _ read: inout Int) async throws -> [(SortKey, Message)] {
        let open = batch.filter { place in
            filter.decide(place.message.uid, subject(of: place.message)) != false
        }
        let summaries = try await view.summaries(of: open.map(\.message))
        let byUID = Dictionary(
            summaries.compactMap { summary in summary.message.place.map { ($0.uid, summary) } },
            uniquingKeysWith: { first, _ in first })
        var found: [(SortKey, Message)] = []
        for place in open {
            guard let (summary, header) = byUID[place.message.uid] else { continue }
            var message = summary
            var subject = subject(of: place.message)
            subject.message = message
            subject.headers = Headers(parsing: header)
            var verdict = filter.decide(place.message.uid, subject)
            if verdict == nil || verdict == true && showsContent {
                subject.content = try await view.session.content(
                    of: place.message.number, holding: Limits.heldContent)
                read += 1
                guard let content = subject.content else { continue }
                verdict = filter.decide(place.message.uid, subject)
                Summary.fill(&message, from: content.root, text: content.isWhole ? content.parsed : nil)
            }
            if verdict == true { found.append((place.key, message)) }
        }
        return found
    }

    private func subject(of message: EnrolledMessage) -> MaildropFilter.Subject {
        MaildropFilter.Subject(size: message.size, keywords: view.keywords[message.uid] ?? [])
    }
}
