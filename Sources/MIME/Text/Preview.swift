/// The first words of a message, as RFC 8970 wants them: at most 256 characters, white space folded.
package enum Preview {
    package static func of(text: String, maximum: Int = 256) -> String { "" }
    package static func of(html: String, maximum: Int = 256) -> String { "" }
}

/// HTML as plain text, in time linear in its input.
///
/// Tags are dropped, blocks stand on their own lines, links are kept.
package func htmlToText(_ html: String) -> String { "" }
