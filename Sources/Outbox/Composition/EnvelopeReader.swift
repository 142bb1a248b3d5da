import MIME
import Model

/// Who a message comes from and goes to on the SMTP level, validated.
enum EnvelopeReader {
    static func envelope(
        _ envelope: SubmissionEnvelope?, sender: String, header: [Correspondent], faults: inout [FieldFault]
    ) throws -> (mailFrom: String, recipients: [String]) {
        let mailFrom = envelope?.mailFrom ?? sender
        // The empty reverse path is what reports and automatic answers are sent with (RFC 5321, 4.5.5).
        if envelope?.mailFrom != nil, !mailFrom.isEmpty {
            check(mailFrom, pointer: "/envelope/mailFrom", faults: &faults)
        }
        var recipients: [String] = []
        if let given = envelope?.rcptTo {
            for (index, address) in given.enumerated() {
                check(address, pointer: "/envelope/rcptTo/\(index)", faults: &faults)
            }
            recipients = given
            if given.isEmpty {
                faults.append(FieldFault(pointer: "/envelope/rcptTo", detail: "names no recipient"))
            }
        } else {
            recipients = header.map(\.email)
            if recipients.isEmpty { faults.append(FieldFault(pointer: "/to", detail: "names no recipient")) }
        }
        if recipients.count > Limits.recipients {
            faults.append(
                FieldFault(
                    pointer: envelope?.rcptTo == nil ? "/to" : "/envelope/rcptTo",
                    detail: "more than \(Limits.recipients) recipients"))
        }
        var seen: Set<String> = []
        return (mailFrom, recipients.filter { seen.insert($0).inserted })
    }

    private static func check(_ address: String, pointer: String, faults: inout [FieldFault]) {
        do {
            _ = try EmailAddress(validating: address)
        } catch {
            faults.append(FieldFault(pointer: pointer, detail: error.reason))
        }
    }
}
