import MailClient
import Model
import SMTP
import Store

/// A claimed submission as SMTP takes it.
struct OutgoingDelivery: Sendable {
    var item: ClaimedSubmission
    var envelope: SMTPEnvelope
    /// Whether it is on the disk that its outcome is in doubt.
    var isMarked = false
    /// It met a connection that had died before; the next one that breaks counts.
    var wasRepeated = false

    /// Nil where nothing can be sent: then `fault` says why, in a submission that is settled by it.
    init(_ claimed: ClaimedSubmission, _ plan: DeliveryPlan, now: Timestamp) throws(Unsendable) {
        var item = claimed
        item.submission = plan.beginning(item.submission, now: now)
        var recipients: [SMTPPath] = []
        var faults: [String: String] = [:]
        for recipient in item.submission.recipients where recipient.isDue(now) {
            do throws(SMTPPathError) {
                recipients.append(try SMTPPath(recipient.email))
            } catch {
                faults[recipient.email] = "is no address that SMTP can carry"
            }
        }
        // Where nobody is due, because clocks differ, this gives it back to the queue.
        if !faults.isEmpty || recipients.isEmpty {
            item.submission = plan.refusing(faults, in: item.submission, now: now)
        }
        guard !recipients.isEmpty else { throw Unsendable(item: item) }
        let sender = item.submission.mailFrom
        do throws(SMTPPathError) {
            envelope = SMTPEnvelope(
                mailFrom: sender.isEmpty ? .null : try SMTPPath(sender), recipients: recipients, size: item.size,
                body: item.submission.content.isEightBit ? .eightBit : .sevenBit,
                hasInternationalHeader: item.submission.content.hasInternationalHeader,
                options: SMTPDeliveryOptions(item.submission, now: now))
        } catch {
            let fault = SubmissionFault(code: "sender-refused", text: "the sender is no address that SMTP can carry")
            item.submission = plan.failing(fault, item.submission, now: now)
            throw Unsendable(item: item)
        }
        self.item = item
    }

    struct Unsendable: Error {
        var item: ClaimedSubmission
    }
}

extension SMTPDeliveryOptions {
    init(_ submission: Submission, now: Timestamp) {
        self.init()
        let options = submission.options
        if let wanted = options.notification {
            notification = Notification(
                occasions: wanted.occasions.map { Set($0.map(Notification.Occasion.init)) },
                returned: wanted.returned.map { $0 == .full ? .full : .headers })
        }
        // Our id comes back in reports, whatever else is asked for: that joins them to the submission.
        notification = notification ?? Notification()
        notification?.envelopeID = submission.id.rawValue
        requiresTLS = options.requiresTLS
        deliverBy = options.deliverBy.map {
            DeliverBy(seconds: $0.seconds, lateness: $0.lateness == .returned ? .returned : .notified)
        }
        priority = options.priority
        // Counted from now, so that the server's clock does not matter; what is over by now is no wish any more.
        holdFor = options.holdUntil.flatMap { time in
            let milliseconds = time.milliseconds - now.milliseconds
            return milliseconds > 0 ? Int((milliseconds + 999) / 1000) : nil
        }
    }
}

extension SMTPDeliveryOptions.Notification.Occasion {
    fileprivate init(_ occasion: DeliveryOptions.Notification.Occasion) {
        self =
            switch occasion {
            case .success: .success
            case .failure: .failure
            case .delay: .delay
            }
    }
}

/// A stored message on its way out; has it noted that the outcome is in doubt before the last octet can go.
actor OutgoingContent {
    private enum Source {
        case held([UInt8])
        /// With the next chunk already read.
        case stored([UInt8]?, ContentReader)
        case ended
    }

    private var source: Source
    private let beforeEnd: @Sendable () async throws -> Void

    init(held content: [UInt8], beforeEnd: @escaping @Sendable () async throws -> Void) {
        source = .held(content)
        self.beforeEnd = beforeEnd
    }

    /// Throws where the message does not open: before a server is troubled with it.
    init(stored reader: ContentReader, beforeEnd: @escaping @Sendable () async throws -> Void) async throws {
        var reader = reader
        source = .stored(try await reader.next(), reader)
        self.beforeEnd = beforeEnd
    }

    /// The next piece; nil at the end, which is what lets the final dot be written.
    ///
    /// Where the store cannot be told, this throws, the dot is withheld, and the attempt did not happen.
    func next() async throws -> [UInt8]? {
        switch source {
        case .held(let content):
            source = .ended
            return content
        case .stored(let chunk?, var reader):
            source = .stored(try await reader.next(), reader)
            return chunk
        case .stored(nil, _): source = .ended
        case .ended: break
        }
        try await beforeEnd()
        return nil
    }
}
