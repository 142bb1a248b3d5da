/// A property that a sender may set, and what its value may hold.
///
/// Left out is all that takes an element from its place (`position`, `transform`, `z-index`, negative margins), so that a
/// message cannot draw over the page that shows it, and all that loads or runs (`background-image`, `behavior`).
struct StyleProperty {
    var allowsStrings = false
    var allowsNegative = true

    static let all: [String: StyleProperty] = {
        var all: [String: StyleProperty] = [:]
        for name in names.split(separator: " ") { all[String(name)] = StyleProperty() }
        for side in ["", "-top", "-right", "-bottom", "-left"] {
            all["padding" + side] = StyleProperty()
            all["margin" + side] = StyleProperty(allowsNegative: false)
            for part in ["", "-color", "-style", "-width"] { all["border" + side + part] = StyleProperty() }
        }
        for name in ["font", "font-family"] { all[name] = StyleProperty(allowsStrings: true) }
        return all
    }()

    private static let names = """
        background background-color border-collapse border-radius border-spacing box-sizing caption-side clear color \
        direction display empty-cells float font-size font-stretch font-style font-variant font-weight height \
        letter-spacing line-height list-style list-style-position list-style-type max-height max-width min-height \
        min-width opacity overflow overflow-wrap table-layout text-align text-align-last text-decoration \
        text-decoration-color text-decoration-line text-decoration-style text-indent text-overflow text-transform \
        unicode-bidi vertical-align visibility white-space width word-break word-spacing word-wrap
        """
}
