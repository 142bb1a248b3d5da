/// What a message asks of the transport beyond being delivered: the parameters of MAIL and RCPT that extensions define.
package struct SMTPDeliveryOptions: Sendable, Hashable {
    /// Which reports of delivery are wanted (RFC 3461).
    package struct Notification: Sendable, Hashable {
        /// What a report is wanted of.
        package enum Occasion: String, Sendable, Hashable, CaseIterable {
            case success = "SUCCESS"
            case failure = "FAILURE"
            case delay = "DELAY"
        }

        /// What a report of failure holds of the message.
        package enum Return: String, Sendable, Hashable, CaseIterable {
            case full = "FULL"
            case headers = "HDRS"
        }

        /// Empty: never (NOTIFY=NEVER); nil: as the server does it unasked.
        package var occasions: Set<Occasion>?
        package var returned: Return?
        /// ENVID: comes back in reports; at most 100 octets.
        package var envelopeID: String?

        package init(occasions: Set<Occasion>? = nil, returned: Return? = nil, envelopeID: String? = nil) {
            self.occasions = occasions
            self.returned = returned
            self.envelopeID = envelopeID
        }
    }

    /// By when a message is to be delivered, and what then (RFC 2852).
    package struct DeliverBy: Sendable, Hashable {
        /// What becomes of a message that is late.
        package enum Lateness: String, Sendable, Hashable, CaseIterable {
            /// It comes back undelivered.
            case returned = "R"
            /// It goes on, and the sender is told.
            case notified = "N"
        }

        package var seconds: Int
        package var lateness: Lateness

        package init(seconds: Int, lateness: Lateness) {
            self.seconds = seconds
            self.lateness = lateness
        }
    }

    /// Asked for only where the server offers DSN: a report is a help, and no condition.
    package var notification: Notification?
    /// Whether it may go by verified TLS only, all the way (RFC 8689).
    package var requiresTLS = false
    package var deliverBy: DeliverBy?
    /// Seconds that the server shall keep it before it goes on (RFC 4865).
    package var holdFor: Int?
    /// -9 to 9, said only where the server offers MT-PRIORITY (RFC 6710).
    package var priority: Int?

    package init() {}

    /// Why `server`, reached over TLS or not, cannot do what is a condition.
    func refusal(by server: SMTPCapabilities, isEncrypted: Bool) -> SMTPRefusal? {
        if requiresTLS, !(isEncrypted && server.offers("REQUIRETLS")) { return .needsRequireTLS }
        if let deliverBy {
            switch (server.minimumDeliverBySeconds, deliverBy.lateness) {
            case (nil, .returned): return .needsDeliverBy(minimum: nil)
            case (let minimum?, .returned) where deliverBy.seconds < minimum: return .needsDeliverBy(minimum: minimum)
            default: break
            }
        }
        if let holdFor {
            guard let maximum = server.maximumHoldSeconds, holdFor <= maximum else { return .needsFutureRelease }
        }
        return nil
    }

    /// The parameters of MAIL, each with a blank before it.
    func mailParameters(_ server: SMTPCapabilities) -> String {
        var text = ""
        if let notification, server.offersDSN {
            if let returned = notification.returned { text += " RET=\(returned.rawValue)" }
            if let id = notification.envelopeID { text += " ENVID=\(XText.encode(id))" }
        }
        if requiresTLS { text += " REQUIRETLS" }
        if let deliverBy, server.minimumDeliverBySeconds != nil {
            text += " BY=\(deliverBy.seconds);\(deliverBy.lateness.rawValue)"
        }
        if let holdFor { text += " HOLDFOR=\(holdFor)" }
        if let priority, server.offers("MT-PRIORITY") { text += " MT-PRIORITY=\(priority)" }
        return text
    }

    /// The parameters of one RCPT.
    func recipientParameters(_ path: SMTPPath, _ server: SMTPCapabilities) -> String {
        guard let notification, server.offersDSN else { return "" }
        var text = ""
        if let occasions = notification.occasions {
            let names = SMTPDeliveryOptions.Notification.Occasion.allCases.filter(occasions.contains).map(\.rawValue)
            text += " NOTIFY=\(names.isEmpty ? "NEVER" : names.joined(separator: ","))"
        }
        // RFC 6533, 3: an address beyond ASCII goes only where SMTPUTF8 does, and there it may stand as it is.
        text +=
            path.isASCII ? " ORCPT=rfc822;" + XText.encode(path.address) : " ORCPT=utf-8;" + XText.unicode(path.address)
        return text
    }
}

/// Text as a parameter's value (RFC 3461 section 4, RFC 6533 section 3).
enum XText {
    /// `xtext`: what is not printable ASCII, and `+` and `=`, become `+` and two hexadecimal digits.
    static func encode(_ text: String) -> String {
        var result = ""
        for octet in text.utf8 {
            if (0x21...0x7E).contains(octet), octet != UInt8(ascii: "+"), octet != UInt8(ascii: "=") {
                result.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                result += "+" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// `utf-8-addr-unitext`: letters of all scripts as they are, the three that mean something here as `\x{HH}`.
    static func unicode(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "+", "=", "\\", " ": result += "\\x{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
