import CGumbo

/// What becomes of an element.
enum ElementFate: Equatable {
    /// Written under this name, with the attributes that `AttributeRules` allows.
    case kept
    /// Its content stays, its tag goes.
    case unwrapped
    /// It goes with all that is in it.
    case dropped
    /// Content that browsers take literally: shown, escaped, as preformatted text.
    case preformatted
}

/// What is known of an element by its name.
///
/// Names that gumbo does not know are never kept: only what the parser treats by its own
/// rule is sure to be the same for a browser.
struct HTMLElement {
    var name: [UInt8]
    var fate: ElementFate
    var isVoid: Bool
    var isImage: Bool
    var isLink: Bool

    static subscript(tag: GumboTag) -> HTMLElement {
        let index = Int(tag.rawValue)
        return table.indices.contains(index) ? table[index] : unknown
    }

    private static let unknown = HTMLElement("", .unwrapped)

    private init(_ name: String, _ fate: ElementFate) {
        self.name = Array(name.utf8)
        self.fate = fate
        isVoid = ["br", "hr", "img", "wbr", "col"].contains(name)
        isImage = name == "img"
        isLink = name == "a"
    }

    private static let kept = """
        a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del \
        details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark \
        nav ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt \
        u ul var wbr
        """
    private static let dropped = """
        head title base link meta style script template iframe frame frameset noframes noembed embed object applet param \
        video audio source track canvas map area svg math input select datalist option optgroup textarea keygen isindex \
        progress meter bgsound nextid basefont menuitem
        """
    private static let preformatted = "listing xmp plaintext"

    /// By gumbo's number of the tag.
    private static let table: [HTMLElement] = {
        var table = [HTMLElement](repeating: unknown, count: Int(GUMBO_TAG_LAST.rawValue))
        for (names, fate) in [(kept, ElementFate.kept), (dropped, .dropped), (preformatted, .preformatted)] {
            for name in names.split(separator: " ").map(String.init) {
                let tag = unsafe gumbo_tag_enum(name)
                guard tag != GUMBO_TAG_UNKNOWN, table.indices.contains(Int(tag.rawValue)) else { continue }
                table[Int(tag.rawValue)] = HTMLElement(fate == .preformatted ? "pre" : name, fate)
            }
        }
        return table
    }()
}
