import Accounts
import MailClient
import Model
import Store
import Synchronization
import Transport

/// Turns at maildrops, in the line in which all nodes stand.
struct MaildropTurns: Sendable {
    /// Pauses between two looks at the line: of who waits in it, doubled up to the longest, and of who is at the maildrop.
    private static let firstPause = Duration.milliseconds(10)
    private static let longestPause = Duration.milliseconds(250)
    private static let wantedPause = Duration.milliseconds(500)

    private let line: MaildropLine
    private let standing: NodeStanding

    init(_ line: MaildropLine, _ standing: NodeStanding) {
        self.line = line
        self.standing = standing
    }

    /// Stands in line until nobody is before us.
    func take(_ account: AccountID, _ deadline: Deadline) async throws -> MaildropTurn {
        // Whom the others have struck out they would pass over.
        guard let term = standing.term else { throw Self.busy("this node cannot say that it lives") }
        let nonce = IdentifierGenerator.make(prefix: "turn")
        do {
            guard let ticket = try await line.draw(account, node: standing.id, nonce: nonce) else {
                throw AccountError.notFound(account)
            }
            var pause = Self.firstPause
            while try await !line.isFirst(ticket, account) {
                guard Deadline.now < deadline else { throw Self.busy("another node has the maildrop's one session") }
                try await ContinuousClock().sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, Self.longestPause)
            }
            guard standing.term == term else { throw Self.busy("this node was taken for dead") }
            return turn(ticket, nonce, account, term)
        } catch {
            // Also where drawing failed: the ticket may be in the line, and would hold up all others for as long as this node lives.
            await leave(nonce, account)
            throw error is CancellationError ? MailClientError.cancelled : error
        }
    }

    private func turn(_ ticket: Int64, _ nonce: String, _ account: AccountID, _ term: Int) -> MaildropTurn {
        let wanted = Wanted()
        let watch = Task(name: "maildrop line") { [line] in
            while !Task.isCancelled, !wanted.isSet {
                try? await ContinuousClock().sleep(for: Self.wantedPause)
                if (try? await line.isWanted(ticket, account)) == true { wanted.set() }
            }
        }
        return MaildropTurn(
            isOurs: { [standing] in standing.term == term },
            isWanted: { wanted.isSet },
            end: {
                watch.cancel()
                await leave(nonce, account)
            })
    }

    /// Where the store is away it is told later: as long as this node lives the others wait for that.
    private func leave(_ nonce: String, _ account: AccountID) async {
        let line = line
        do {
            try await Task { try await line.leave(nonce, account) }.value
        } catch {
            Task(name: "maildrop line") {
                while true {
                    try? await ContinuousClock().sleep(for: .seconds(1))
                    if (try? await line.leave(nonce, account)) != nil { return }
                }
            }
        }
    }

    private static func busy(_ text: String) -> MailClientError {
        .rejected(.pop3, code: MailClientError.maildropInUse, text: text)
    }
}

/// Whether somebody stands behind us in the line.
private final class Wanted: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
