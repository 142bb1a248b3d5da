import MIME
import Model

/// The fields by which a reader leaves a list (RFC 2369, RFC 8058).
enum ListUnsubscribe {
    static func fields(_ unsubscribe: Unsubscribe?) -> [OutgoingHeader] {
        guard let unsubscribe else { return [] }
        let addresses = [unsubscribe.mailto.map { "<mailto:\($0)>" }, unsubscribe.url.map { "<\($0)>" }].compactMap(
            \.self)
        var fields = [OutgoingHeader(name: "List-Unsubscribe", value: addresses.joined(separator: ", "))]
        if unsubscribe.isOneClick {
            fields.append(OutgoingHeader(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"))
        }
        return fields
    }

    /// What stands between the angle brackets must be an address of one word; one click is for https alone (RFC 8058, 3.1).
    static func faults(_ unsubscribe: Unsubscribe?) -> [FieldFault] {
        guard let unsubscribe else { return [] }
        var faults: [FieldFault] = []
        if unsubscribe.mailto == nil, unsubscribe.url == nil {
            faults.append(FieldFault(pointer: "/unsubscribe", detail: "needs url or mailto"))
        }
        if let url = unsubscribe.url, !isAddress(url) || !url.lowercased().hasPrefix("https://") {
            faults.append(FieldFault(pointer: "/unsubscribe/url", detail: "must be an https address without blanks"))
        }
        if let mailto = unsubscribe.mailto {
            let address = mailto.split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
            if !isAddress(mailto) || (try? EmailAddress(validating: address)) == nil {
                faults.append(
                    FieldFault(pointer: "/unsubscribe/mailto", detail: "must be an address, perhaps with ?subject="))
            }
        }
        if unsubscribe.isOneClick, unsubscribe.url == nil {
            faults.append(FieldFault(pointer: "/unsubscribe/oneClick", detail: "needs url"))
        }
        return faults
    }

    private static func isAddress(_ text: String) -> Bool {
        text.utf8.count <= 450 && !EncodedWord.isMentioned(in: text)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }
    }
}
