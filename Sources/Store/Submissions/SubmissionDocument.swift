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
    }

    var mailFrom: String
    var recipients: [Recipient]
    var errorCode: String?
    var errorText: String?

    init(_ submission: Submission) {
        mailFrom = submission.mailFrom
        recipients = submission.recipients.map {
            Recipient(
                email: $0.email, state: $0.state.rawValue, code: $0.code, enhancedCode: $0.enhancedCode, text: $0.text)
        }
        errorCode = submission.error?.code
        errorText = submission.error?.text
    }

    func recipientsModel() throws(StoreError) -> [SubmissionRecipient] {
        var result: [SubmissionRecipient] = []
        for recipient in recipients {
            guard let state = RecipientState(rawValue: recipient.state) else {
                throw .unreadable("submissions/envelope")
            }
            result.append(
                SubmissionRecipient(
                    email: recipient.email, state: state, code: recipient.code, enhancedCode: recipient.enhancedCode,
                    text: recipient.text))
        }
        return result
    }

    var fault: SubmissionFault? { errorCode.map { SubmissionFault(code: $0, text: errorText ?? "") } }
}

extension SubmissionRepository {
    static let columns: SQL =
        """
        id, account_id, state, phase, message_id, send_at, created_at, due_at, attempts, copy_attempts, save_to_sent,
        sent_message_id, envelope, size, locked_by, lock_epoch
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
        return Submission(
            id: id, accountID: AccountID(rawValue: try row.text("account_id")), state: state,
            messageID: try row.text("message_id"), sendAt: try row.optionalInteger("send_at").map(Timestamp.init),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            attempts: Int(try row.integer("attempts")),
            nextAttemptAt: isWaiting ? try row.optionalInteger("due_at").map(Timestamp.init) : nil,
            mailFrom: envelope.mailFrom, recipients: try envelope.recipientsModel(),
            saveToSent: try row.bool("save_to_sent"),
            sentMessageID: try row.optionalText("sent_message_id").map(EmailID.init(rawValue:)),
            error: envelope.fault)
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
            copyAttempts: Int(try row.integer("copy_attempts")))
    }

    private static func envelopePlace(_ id: SubmissionID) -> SealedPlace {
        SealedPlace(table: "submissions", row: id.rawValue, column: "envelope")
    }
}
