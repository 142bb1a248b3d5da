import HTTPServer
import Model
import Representation

extension DeliveryOptions {
    /// The members that say how a message is to travel.
    static func read(_ reader: inout ObjectReader) -> DeliveryOptions {
        var options = DeliveryOptions()
        options.notification = reader.optional("dsn")?.object(Notification.read)
        options.priority = reader.optional("priority")?.integer(-9...9)
        options.requiresTLS = reader.optional("requireTls")?.bool() ?? false
        options.whenUnknown = reader.optional("whenUnknown")?.choice(of: Uncertainty.self) ?? .ask
        options.deliverBy = reader.optional("deliverBy")?.object(DeliverBy.read)
        options.holdUntil = reader.optional("holdUntil")?.time()
        return options
    }
}

extension JSONNode {
    /// A time of RFC 3339.
    func time() -> Timestamp? {
        guard let text = line(maximum: 64) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            fail("must be an RFC 3339 time such as 2026-11-23T18:59:07Z")
            return nil
        }
        return time
    }
}

extension DeliveryOptions.Notification {
    static func read(_ reader: inout ObjectReader) -> DeliveryOptions.Notification? {
        var notification = DeliveryOptions.Notification()
        if let node = reader.optional("notify") {
            let words = node.array { $0.choice(of: Word.self) } ?? []
            if words.isEmpty { node.fail("must name at least one occasion, or \"never\"") }
            if words.contains(.never), words.count > 1 { node.fail("\"never\" stands alone") }
            notification.occasions = Set(words.compactMap(\.occasion))
        }
        notification.returned = reader.optional("return")?.choice(of: Return.self)
        return notification
    }

    private enum Word: String, CaseIterable {
        case success, failure, delay, never

        var occasion: Occasion? { Occasion(rawValue: rawValue) }
    }
}

extension DeliveryOptions.DeliverBy {
    static func read(_ reader: inout ObjectReader) -> DeliveryOptions.DeliverBy? {
        let seconds = reader.required("seconds")?.integer(1...999_999_999)
        let lateness = reader.optional("onLate")?.choice(of: Lateness.self) ?? .returned
        return seconds.map { DeliveryOptions.DeliverBy(seconds: $0, lateness: lateness) }
    }
}

extension SubmissionTerms {
    static let parameters = ["sendAt", "requireTls", "priority"]

    /// The terms of a message that is sent as it is: query parameters.
    init(_ call: Call, _ faults: FaultCollector) {
        self.init(saveToSent: call.query.bool("saveToSent", faults) ?? true)
        sendAt = call.query.timestamp("sendAt", faults)
        options.requiresTLS = call.query.bool("requireTls", faults) ?? false
        options.priority = call.query.integer("priority", -9...9, faults)
        source = call.source
    }
}

extension Call {
    /// What tells this request from another one of the same token: its idempotency key.
    var source: String? { idempotencyKey.map { SubmissionTerms.source(principal: principal.id, key: $0) } }
}
