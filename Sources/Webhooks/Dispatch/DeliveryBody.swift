package import Model
import Representation

/// The body of a delivery: the event's envelope, with the message's content where the webhook wants it.
package enum DeliveryBody {
    /// The event as it stands in the log.
    package static func plain(_ event: Event) -> [UInt8] { JSONWriter.bytes(of: event) }

    /// The message that content can be read of; nil where the event is not about a new one.
    static func message(of event: Event) -> (id: EmailID, account: AccountID)? {
        guard event.type == .messageCreated, let account = event.accountID,
            case .string(let id)? = (try? JSONParser.parse(event.data))?["id"]
        else { return nil }
        return (EmailID(rawValue: id), account)
    }

    /// With `text`, `html` and `headers` as far as they are wanted; what could not be read is named in `problems`.
    package static func with(_ content: Message?, problem: String?, _ include: Set<WebhookInclude>, of event: Event)
        -> [UInt8]
    {
        let data = (try? JSONParser.parse(event.data)) ?? .object([])
        guard case .object(let members) = data else { return plain(event) }
        var problems: [String] = []
        if case .array(let known)? = data["problems"] {
            problems = known.compactMap { if case .string(let text) = $0 { text } else { nil } }
        }
        problems += (content?.problems ?? []).filter { !problems.contains($0) }
        if let problem { problems.append(problem) }
        var writer = JSONWriter(reserving: event.data.count + 512)
        writer.object { writer in
            for member in members where !["text", "html", "headers", "problems", "isTruncated"].contains(member.name) {
                writer.member(member.name, member.value)
            }
            if include.contains(.text) { writer.member("text", content?.text) }
            if include.contains(.html) { writer.member("html", content?.html) }
            if include.contains(.headers) {
                writer.name("headers")
                writer.array(content?.headers ?? []) { writer, field in
                    writer.object { writer in
                        writer.member("name", field.name)
                        writer.member("value", field.value)
                    }
                }
            }
            writer.member("isTruncated", content?.isTruncated ?? false)
            writer.member("problems", array: problems)
        }
        var envelope = JSONWriter(reserving: writer.bytes.count + 256)
        event.write(to: &envelope, data: writer.bytes)
        return envelope.bytes
    }
}
