import Model
import Outbox
import RemoteMail
import SafeHTML
import Synchronization
import Transport

/// Messages on the account's own server, for what is composed of them.
struct ServerMail: StoredMail {
    let mail: AccountMail

    func original(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        var options = MessageOptions()
        options.headers = ["list-post", "mail-followup-to"]
        var message: Message
        do {
            message = try await mail.message(id, of: account, options: options, deadline: deadline)
        } catch RemoteMailError.messageNotFound {
            throw StoredMailError.messageNotFound
        }
        // What somebody else wrote goes out under this account's name: without what could harm whoever reads it.
        if let html = message.html {
            message.html = try await BlockingPool.work.run { SafeHTML(html, addresses: nil)?.html }
        }
        return message
    }

    func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> ContentSource {
        let content: MessageContent
        do {
            content = try await mail.attachment(
                part, of: id, of: account, needsSize: false, deadline: deadline)
        } catch {
            throw Self.translated(error)
        }
        return ContentSource(name: content.name, type: content.type) { sink in
            do {
                try await content.stream(nil, sink)
            } catch {
                throw Self.translated(error)
            }
        }
    }

    /// Nil where the message is gone, or its account.
    func beginning(
        of id: EmailID, _ account: AccountID, octets: Int, deadline: ContinuousClock.Instant
    ) async throws -> [UInt8]? {
        let gathered = Mutex<[UInt8]>([])
        do {
            let content = try await mail.rawMessage(id, of: account, needsSize: false, deadline: deadline)
            let range = content.size.map { 0..<min($0, octets) }
            try await content.stream(range) { piece in
                gathered.withLock { $0 += piece.prefix(max(octets - $0.count, 0)) }
            }
        } catch RemoteMailError.messageNotFound {
            return nil
        }
        return gathered.withLock { $0 }
    }

    /// A message that is gone needs no mark.
    func mark(
        _ keyword: String, _ id: EmailID, _ account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        do {
            _ = try await mail.setKeywords([keyword: true], on: id, of: account, deadline: deadline)
        } catch RemoteMailError.messageNotFound {
            return
        }
    }

    private static func translated(_ error: any Error) -> any Error {
        switch error as? RemoteMailError {
        case .messageNotFound?: StoredMailError.messageNotFound
        case .attachmentNotFound?: StoredMailError.attachmentNotFound
        default: error
        }
    }
}
