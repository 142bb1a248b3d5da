/// How the page looks on which people connect a mailbox.
package struct ConnectTheme: Sendable {
    package var title: String
    /// The whole style sheet.
    package var css: String
    /// What URLs of this server begin with; cookies are for https where this is.
    package var publicURL: String

    package init(title: String = "Connect your mailbox", css: String = ConnectTheme.plain, publicURL: String = "") {
        self.title = title
        self.css = css
        self.publicURL = publicURL
    }

    /// Works with the browser's light and dark colours.
    package static let plain = """
        :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
        main { max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
        label, button, input, select { display: block; width: 100%; box-sizing: border-box; font: inherit; }
        input, select, button { padding: .6rem; margin: .3rem 0 1rem; }
        fieldset { border: 1px solid GrayText; margin: 0 0 1rem; }
        .fault { border-left: .3rem solid #c00; padding-left: .8rem; }

        """
}
