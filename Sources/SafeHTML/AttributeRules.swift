import Wire

/// Which attributes stay, and with what values; links, images, style and names are looked at one by one elsewhere.
enum AttributeRules {
    enum Kind {
        /// Text that is shown or spoken.
        case text
        /// A keyword, number, length, colour or list of these.
        case value
        /// Its presence is what counts.
        case flag
    }

    /// Nil for one that goes: everything that is not named, above all `on…`, `src`, `srcset`, `background`, `class`
    /// (the page's own classes can move and hide things) and `data-…` (the page's own scripts may act on them).
    static func kind(of name: String, on element: HTMLElement) -> Kind? {
        if let kind = everywhere[name] { return kind }
        return names[String(decoding: element.name, as: UTF8.self)]?.contains(name) == true
            ? (flags.contains(name) ? .flag : name == "abbr" ? .text : .value) : nil
    }

    static func isValue(_ value: String) -> Bool {
        value.utf8.count <= 200
            && value.utf8.allSatisfy {
                ByteSet.letters.contains($0) || ByteSet.digits.contains($0) || "#%.,+-_:* /".utf8.contains($0)
            }
    }

    private static let flags: Set<String> = ["nowrap", "noshade", "open", "reversed", "compact"]

    private static let everywhere: [String: Kind] = [
        "title": .text, "lang": .value, "dir": .value, "role": .value, "aria-label": .text, "aria-hidden": .value,
        "align": .value, "valign": .value,
    ]

    private static let names: [String: Set<String>] = {
        let cell: Set<String> = [
            "abbr", "bgcolor", "bordercolor", "colspan", "height", "nowrap", "rowspan", "scope", "width",
        ]
        let row: Set<String> = ["bgcolor", "height"]
        let list: Set<String> = ["compact", "type"]
        return [
            "table": [
                "bgcolor", "border", "bordercolor", "cellpadding", "cellspacing", "frame", "height", "rules", "width",
            ],
            "td": cell, "th": cell, "tr": row, "tbody": row, "thead": row, "tfoot": row,
            "col": ["span", "width"], "colgroup": ["span", "width"],
            "font": ["color", "face", "size"], "hr": ["color", "noshade", "size", "width"],
            "ol": list.union(["reversed", "start"]), "ul": list, "li": ["type", "value"], "br": ["clear"],
            "img": ["border", "height", "hspace", "vspace", "width"], "div": ["nowrap"], "pre": ["width"],
            "details": ["open"], "time": ["datetime"], "ins": ["datetime"], "del": ["datetime"],
        ]
    }()
}
