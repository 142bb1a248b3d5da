import Database
import Model

/// A column whose values are sealed, and how the place of each is known from its row.
///
/// A test compares this list with the schema.
package struct SealedColumn: Sendable {
    package let table: String
    package let name: String
    /// The columns of the primary key.
    let key: [String]
    /// What `places` needs besides.
    let others: [String]
    /// Where the value of a row may stand, told by the columns of its key, by `others` and by `owner`.
    let places: @Sendable (_ row: SQLRow) throws -> [SealedPlace]
    /// Whether the places of a row depend on the submission that owns a blob.
    let hasOwner: Bool

    init(
        _ table: String, _ name: String = "sealed", key: [String] = ["id"], others: [String] = [],
        place: @escaping @Sendable (SQLRow) throws -> SealedPlace
    ) {
        self.init(table, name, key: key, others: others, hasOwner: false) { [try place($0)] }
    }

    private init(
        _ table: String, _ name: String, key: [String], others: [String], hasOwner: Bool,
        places: @escaping @Sendable (SQLRow) throws -> [SealedPlace]
    ) {
        self.table = table
        self.name = name
        self.key = key
        self.others = others
        self.hasOwner = hasOwner
        self.places = places
    }

    /// All but the keys themselves, which the master key seals.
    ///
    /// What lives longest comes first.
    package static let all: [SealedColumn] = [
        SealedColumn("credentials", key: ["account_id"]) {
            AccountRepository.place(AccountID(rawValue: try $0.text("account_id")))
        },
        SealedColumn("oauth_tokens", key: ["account_id", "holder"]) {
            OAuthTokenRepository.place(AccountID(rawValue: try $0.text("account_id")), try $0.text("holder"))
        },
        SealedColumn("webhooks") { WebhookRepository.place(WebhookID(rawValue: try $0.text("id"))) },
        SealedColumn("templates") { TemplateRepository.place(TemplateID(rawValue: try $0.text("id"))) },
        SealedColumn("authorizations") { AuthorizationRepository.place(try $0.text("id")) },
        SealedColumn("submissions", "envelope") {
            SubmissionRepository.envelopePlace(SubmissionID(rawValue: try $0.text("id")))
        },
        // Which chunk is the last one is part of its place.
        SealedColumn("blob_chunks", "sealed", key: ["blob_id", "position"], others: [], hasOwner: true) { row in
            let (blob, position) = (try row.text("blob_id"), Int(try row.integer("position")))
            let owner = try row.optionalText("owner").map(SubmissionID.init(rawValue:))
            return [nil, owner].map { ContentUpload.place(blob, position, lastOf: $0) }
        },
        SealedColumn("submission_reports", key: ["submission_id", "account_id", "email_id"]) {
            SubmissionRepository.place(
                AccountID(rawValue: try $0.text("account_id")), EmailID(rawValue: try $0.text("email_id")),
                of: SubmissionID(rawValue: try $0.text("submission_id")))
        },
        SealedColumn("idempotency_keys", "response", key: ["principal", "idempotency_key"]) {
            IdempotencyRepository.place(try $0.text("principal"), try $0.text("idempotency_key"))
        },
        SealedColumn("events", "payload", key: ["sequence"], others: ["id"]) {
            EventRepository.place(EventID(rawValue: try $0.text("id")))
        },
    ]
}
