package import Model
package import Transport

/// Our turn at a maildrop among all processes that serve its account: as long as it is ours no other of them opens a session there.
package struct MaildropTurn: Sendable {
    /// Stands in line, and returns when nobody is before us; throws where that does not come about by the deadline.
    package typealias Source = @Sendable (AccountID, Deadline) async throws -> MaildropTurn

    /// Whether it is ours still, as far as can be known without asking: where not, another process may be in the maildrop by now.
    let isOurs: @Sendable () -> Bool
    /// Whether another process stands in line.
    let isWanted: @Sendable () -> Bool
    /// Lets the next one in; after the session has ended.
    let end: @Sendable () async -> Void

    package init(
        isOurs: @escaping @Sendable () -> Bool, isWanted: @escaping @Sendable () -> Bool,
        end: @escaping @Sendable () async -> Void
    ) {
        self.isOurs = isOurs
        self.isWanted = isWanted
        self.end = end
    }

    /// Of a maildrop that no other process knows of.
    static let alone = MaildropTurn(isOurs: { true }, isWanted: { false }, end: {})
}
