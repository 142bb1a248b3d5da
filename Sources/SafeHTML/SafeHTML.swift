/// HTML of a stranger, made fit to be put into a page: no script, form, event handler or remote load.
///
/// What comes out is a fragment, well-formed, of allow-listed elements and attributes, for `innerHTML` and for documents
/// alike. It is stable: sanitized again it stays as it is, so no parser finds another tree in it than the one that was
/// checked (mutation XSS lives on that difference). `style` elements go with their content, because their selectors would
/// reach the page around the message; `style` attributes stay, filtered.
package struct SafeHTML: Sendable, Equatable {
    package var html: String
    /// Images, styles and frames that would have been fetched from elsewhere.
    package var blockedRemote: Int

    /// Octets that are looked at; what is longer is cut.
    package static let maximumInput = Limits.input

    /// Nil where reading it would cost more than its size can justify: made to harm, not to be read.
    ///
    /// `addresses` are the URLs of the message's parts by Content-ID; an image of another part stays empty. Where it is
    /// nil, `cid:` addresses stay. Tens of milliseconds a megabyte: no work for an event loop where the text is large.
    package init?(_ html: String, addresses: [String: String]?) {
        var text = Array(html.utf8)
        if text.count > Limits.input { text.removeLast(text.count - Limits.input) }
        let limit = Limits.output(for: text.count)
        guard let first = Self.sanitize(text, limit: limit) else { return nil }
        var current = first.writer
        var stable: HTMLTree?
        for _ in 1..<Limits.rounds where stable == nil {
            guard let next = Self.sanitize(current.output, limit: limit) else { return nil }
            if next.writer.output == current.output { stable = next.tree }
            current = next.writer
        }
        guard let stable else { return nil }
        if let addresses, current.hasParts {
            current = FragmentWriter(limit: .max, addresses: addresses)
            stable.visitBody(&current)
        }
        self.html = String(decoding: current.output, as: UTF8.self)
        blockedRemote = first.writer.blockedRemote
    }

    private static func sanitize(_ text: [UInt8], limit: Int) -> (tree: HTMLTree, writer: FragmentWriter)? {
        guard let tree = HTMLTree(parsing: text) else { return nil }
        var writer = FragmentWriter(limit: limit, addresses: nil)
        tree.visitBody(&writer)
        return writer.wantsMore ? (tree, writer) : nil
    }
}
