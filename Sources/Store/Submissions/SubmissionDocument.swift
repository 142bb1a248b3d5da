import Database
import Model

/// Who a message goes to and what became of it: the sealed column `envelope`.
struct EnvelopeDocument: Codable {
    struct Recipient: Codable {
        var email: String
        var state: String
        var code: Int?
        var enhancedCode: String?
        var text: String?
        var deferrals: Int?
        var due: Int64?
    }

    struct Options: Codable {
        var notify: [String]?
        var returned: String?
        var priority: Int?
        var requiresTLS: Bool?
        var deliverBy: Int?
        var lateness: String?
        var holdUntil: Int64?
        var retriesUnknown: Bool?
    }

    struct Copy: Codable {
        var state: String
        var errorCode: String?
        var errorText: String?
        var keywords: [String]?
    }

    var mailFrom: String
    var recipients: [Recipient]
    var errorCode: String?
    var errorText: String?
    var options: Options?
    var isEightBit: Bool?
    var hasInternationalHeader: Bool?
    var copy: Copy?
    var unknownSince: Int64?

    init(_ submission: Submission) {
        mailFrom = submission.mailFrom
        recipients = submission.recipients.map {
            Recipient(
                email: $0.email, state: $0.state.rawValue, code: $0.code, enhancedCode: $0.enhancedCode, text: $0.text,
                deferrals: $0.deferrals == 0 ? nil : $0.deferrals, due: $0.nextAttemptAt?.milliseconds)
        }
        options = submission.options == DeliveryOptions() ? nil : Options(submission.options)
        isEightBit = submission.content.isEightBit ? true : nil
        hasInternationalHeader = submission.content.hasInternationalHeader ? true : nil
        copy = Copy(
            state: submission.sentCopy.state.rawValue, errorCode: submission.sentCopy.error?.code,
            errorText: submission.sentCopy.error?.text,
            keywords: submission.sentCopy.keywords.isEmpty ? nil : submission.sentCopy.keywords)
        unknownSince = submission.unknownSince?.milliseconds
        errorCode = submission.error?.code
        errorText = submission.error?.text
    }

    func recipientsModel() throws(StoreError) -> [SubmissionRecipient] {
        var result: [SubmissionRecipient] = []
        for recipient in recipients {
            guard let state = RecipientState(rawValue: recipient.state) else {
                throw .unreadable("submissions/envelope")
            }
            var model = SubmissionRecipient(
                email: recipient.email, state: state, code: recipient.code, enhancedCode: recipient.enhancedCode,
                text: recipient.text)
            model.deferrals = recipient.deferrals ?? 0
            model.nextAttemptAt = recipient.due.map(Timestamp.init)
            result.append(model)
        }
        return result
    }

    /// The copy, with what the row says of it; rows of earlier versions have none in their document.
    func copyModel(_ row: SQLRow, saveToSent: Bool) throws -> SentCopy {
        let phase = try row.text("phase")
        let attempts = Int(try row.integer("copy_attempts"))
        guard let copy, let state = SentCopy.State(rawValue: copy.state) else {
            let wasFiled = try row.optionalText("sent_message_id") != nil
            let isOpen = phase != SubmissionPhase.finished.rawValue
            return SentCopy(state: wasFiled ? .filed : saveToSent && isOpen ? .pending : .none, attempts: attempts)
        }
        return SentCopy(
            state: state, attempts: attempts,
            nextAttemptAt: phase == SubmissionPhase.sentCopy.rawValue
                ? try row.optionalInteger("due_at").map(Timestamp.init) : nil,
            error: copy.errorCode.map { SubmissionFault(code: $0, text: copy.errorText ?? "") },
            keywords: copy.keywords ?? [])
    }

    var fault: SubmissionFault? { errorCode.map { SubmissionFault(code: $0, text: errorText ?? "") } }
}

extension SubmissionRepository {
    static let columns: SQL =
        """
        id, account_id, state, phase, message_id, send_at, created_at, due_at, attempts, copy_attempts, save_to_sent,
        sent_message_id, envelope, size, locked_by, lock_epoch, blob_id
        """

    func sealedEnvelope(_ submission: Submission) throws(StoreError) -> [UInt8] {
        try sealer.seal(try Document.octets(EnvelopeDocument(submission)), at: Self.envelopePlace(submission.id))
    }

    func submission(_ row: SQLRow) throws -> Submission {
        let id = SubmissionID(rawValue: try row.text("id"))
        guard let state = SubmissionState(rawValue: try row.text("state")) else {
            throw StoreError.unreadable("submissions/state")
        }
        let octets = try sealer.open(try row.blob("envelope"), at: Self.envelopePlace(id))
        let envelope = try Document.decode(EnvelopeDocument.self, from: octets, place: "submissions/envelope")
        let isWaiting = state == .queued || state == .scheduled
        let saveToSent = try row.bool("save_to_sent")
        var result = Submission(
            id: id, accountID: AccountID(rawValue: try row.text("account_id")), state: state,
            messageID: try row.text("message_id"), sendAt: try row.optionalInteger("send_at").map(Timestamp.init),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            attempts: Int(try row.integer("attempts")),
            nextAttemptAt: isWaiting ? try row.optionalInteger("due_at").map(Timestamp.init) : nil,
            mailFrom: envelope.mailFrom, recipients: try envelope.recipientsModel(),
            saveToSent: saveToSent,
            sentMessageID: try row.optionalText("sent_message_id").map(EmailID.init(rawValue:)),
            error: envelope.fault)
        result.options = envelope.options?.model ?? DeliveryOptions()
        result.content = ContentKind(
            isEightBit: envelope.isEightBit ?? false,
            hasInternationalHeader: envelope.hasInternationalHeader ?? false)
        result.sentCopy = try envelope.copyModel(row, saveToSent: saveToSent)
        result.unknownSince = envelope.unknownSince.map(Timestamp.init)
        return result
    }

    func claimed(_ row: SQLRow) throws -> ClaimedSubmission {
        let submission = try submission(row)
        guard let phase = SubmissionPhase(rawValue: try row.text("phase")) else {
            throw StoreError.unreadable("submissions/phase")
        }
        let lease = SubmissionLease(
            id: submission.id, owner: try row.text("locked_by"), epoch: try row.integer("lock_epoch"))
        return ClaimedSubmission(
            submission: submission, phase: phase, lease: lease, size: Int(try row.integer("size")),
            copyAttempts: Int(try row.integer("copy_attempts")), blob: try row.optionalText("blob_id"))
    }

    static func envelopePlace(_ id: SubmissionID) -> SealedPlace {
        SealedPlace(table: "submissions", row: id.rawValue, column: "envelope")
    }
}

extension EnvelopeDocument.Options {
    init(_ options: DeliveryOptions) {
        notify = options.notification?.occasions?.map(\.rawValue).sorted()
        // An empty list says never; that there is a wish at all, the part that is to be returned says too.
        returned = options.notification?.returned?.rawValue
        priority = options.priority
        requiresTLS = options.requiresTLS ? true : nil
        deliverBy = options.deliverBy?.seconds
        lateness = options.deliverBy?.lateness.rawValue
        holdUntil = options.holdUntil?.milliseconds
        retriesUnknown = options.whenUnknown == .retry ? true : nil
    }

    var model: DeliveryOptions {
        var options = DeliveryOptions()
        if notify != nil || returned != nil {
            options.notification = DeliveryOptions.Notification(
                occasions: notify.map { Set($0.compactMap(DeliveryOptions.Notification.Occasion.init)) },
                returned: returned.flatMap(DeliveryOptions.Notification.Return.init))
        }
        options.priority = priority
        options.requiresTLS = requiresTLS ?? false
        options.holdUntil = holdUntil.map(Timestamp.init)
        options.whenUnknown = retriesUnknown == true ? .retry : .ask
        if let deliverBy, let lateness = lateness.flatMap(DeliveryOptions.DeliverBy.Lateness.init) {
            options.deliverBy = DeliveryOptions.DeliverBy(seconds: deliverBy, lateness: lateness)
        }
        return options
    }
}
