/// Which parts are the text, which the HTML and which the attachments: the algorithm of RFC 8621, section 4.1.4.
package struct BodySelection: Sendable, Equatable {
    /// Leaves to be shown one after the other as plain text; may be `text/html` where there is no plain version, and images.
    package private(set) var textBody: [PartNode] = []
    /// Leaves to be shown one after the other as HTML; may be `text/plain` where there is no HTML.
    package private(set) var htmlBody: [PartNode] = []
    package private(set) var attachments: [PartNode] = []

    package init(_ root: PartNode) {
        select([root], multipart: "mixed", inAlternative: false, wantsText: true, wantsHTML: true)
    }

    /// Whether a client should offer something to download: an attachment that is not meant to be shown inline.
    package var hasAttachment: Bool {
        attachments.contains { $0.disposition?.kind != "inline" }
    }

    /// `parseStructure` of the RFC; `wantsText` and `wantsHTML` are its `textBody` and `htmlBody` not being null.
    private mutating func select(
        _ parts: [PartNode], multipart: String, inAlternative: Bool, wantsText: Bool, wantsHTML: Bool
    ) {
        var wantsText = wantsText
        var wantsHTML = wantsHTML
        let textCount = textBody.count
        let htmlCount = htmlBody.count
        for (index, part) in parts.enumerated() {
            if part.isMultipart {
                select(
                    part.children, multipart: part.subtype,
                    inAlternative: inAlternative || part.subtype == "alternative",
                    wantsText: wantsText, wantsHTML: wantsHTML)
            } else if !isInline(part, at: index, multipart: multipart) {
                attachments.append(part)
            } else if multipart == "alternative" {
                switch part.mediaType {
                case "text/plain" where wantsText: textBody.append(part)
                case "text/html" where wantsHTML: htmlBody.append(part)
                default: attachments.append(part)
                }
            } else {
                if inAlternative, part.mediaType == "text/plain" { wantsHTML = false }
                if inAlternative, part.mediaType == "text/html" { wantsText = false }
                if wantsText { textBody.append(part) }
                if wantsHTML { htmlBody.append(part) }
                if !wantsText || !wantsHTML, part.isShownInline { attachments.append(part) }
            }
        }
        guard multipart == "alternative", wantsText, wantsHTML else { return }
        let texts = textBody[textCount...]
        let htmls = htmlBody[htmlCount...]
        if texts.isEmpty { textBody.append(contentsOf: htmls) }
        if htmls.isEmpty { htmlBody.append(contentsOf: texts) }
    }

    /// A body part rather than an attachment: of a related multipart only the first; a named text only when it comes first.
    private func isInline(_ part: PartNode, at index: Int, multipart: String) -> Bool {
        guard part.disposition?.kind != "attachment" else { return false }
        let isText = part.mediaType == "text/plain" || part.mediaType == "text/html"
        guard isText || part.isShownInline else { return false }
        if index == 0 { return true }
        return multipart != "related" && (part.isShownInline || part.labelledFileName == nil)
    }
}

extension PartNode {
    /// The inline media types of RFC 8621: shown between texts rather than listed.
    fileprivate var isShownInline: Bool { type == "image" || type == "audio" || type == "video" }
}
