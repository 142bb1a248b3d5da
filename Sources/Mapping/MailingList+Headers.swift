package import MIME
package import Model

extension MailingList {
    /// Nil for a message that came over no list and offers no way out of one.
    package init?(reading headers: Headers) {
        let named = headers.listID
        let unsubscribe = headers.listAddresses("List-Unsubscribe")
        guard named != nil || !unsubscribe.isEmpty else { return nil }
        let byPost = unsubscribe.first { $0.lowercased().hasPrefix("https:") }
        self.init(
            id: named?.id, name: named?.name, unsubscribe: unsubscribe,
            oneClick: headers.unsubscribesByPost ? byPost : nil)
    }
}
