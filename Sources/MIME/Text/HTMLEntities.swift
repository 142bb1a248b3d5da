/// The entities that mail uses; the other two thousand of HTML stay as they were written.
enum HTMLEntities {
    /// `&…;` at the front of `bytes`: its text and its length.
    static func decode(_ bytes: ArraySlice<UInt8>) -> (text: String, count: Int)? {
        var index = bytes.startIndex + 1
        guard index < bytes.endIndex else { return nil }
        if bytes[index] == 0x23 { return decodeNumber(bytes) }
        let limit = min(bytes.endIndex, index + 10)
        let start = index
        while index < limit, isNameOctet(bytes[index]) { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        let isClosed = index < bytes.endIndex && bytes[index] == 0x3B
        guard let scalar = table[name], isClosed || openNames.contains(name) else { return nil }
        return (String(scalar), index - bytes.startIndex + (isClosed ? 1 : 0))
    }

    private static func isNameOctet(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
    }

    private static func decodeNumber(_ bytes: ArraySlice<UInt8>) -> (text: String, count: Int)? {
        var index = bytes.startIndex + 2
        let isHex = index < bytes.endIndex && bytes[index] | 0x20 == 0x78
        if isHex { index += 1 }
        var value: UInt32 = 0
        let start = index
        while index < bytes.endIndex, index - start < 10, let digit = hexValue(bytes[index]), isHex || digit < 10 {
            value = min(value &* (isHex ? 16 : 10) &+ UInt32(digit), 0x11_0000)
            index += 1
        }
        guard index > start else { return nil }
        if index < bytes.endIndex, bytes[index] == 0x3B { index += 1 }
        if (0x80..<0xA0).contains(value) {
            var output: [UInt8] = []
            let octet = [UInt8(value)]
            Windows1252.decode(octet.span, into: &output)
            return (String(decoding: output, as: UTF8.self), index - bytes.startIndex)
        }
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        return (String(Character(scalar ?? "\u{FFFD}")), index - bytes.startIndex)
    }

    /// Those that browsers read without their semicolon.
    private static let openNames: Set<String> = ["amp", "lt", "gt", "quot", "nbsp", "copy", "reg"]

    private static let table: [String: Unicode.Scalar] = {
        var result: [String: Unicode.Scalar] = [:]
        for (offset, name) in latin.split(separator: " ").enumerated() {
            result[String(name)] = Unicode.Scalar(UInt32(160 + offset))
        }
        for (name, value) in others { result[name] = Unicode.Scalar(value) }
        return result
    }()

    /// U+00A0 to U+00FF, in order.
    private static let latin = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro \
        para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
        Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
        Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
        igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute \
        thorn yuml
        """

    private static let others: KeyValuePairs<String, UInt32> = [
        "amp": 38, "lt": 60, "gt": 62, "quot": 34, "apos": 39, "AMP": 38, "LT": 60, "GT": 62, "QUOT": 34,
        "OElig": 338, "oelig": 339, "Scaron": 352, "scaron": 353, "Yuml": 376, "fnof": 402, "circ": 710, "tilde": 732,
        "ensp": 8194, "emsp": 8195, "thinsp": 8201, "zwnj": 8204, "zwj": 8205, "lrm": 8206, "rlm": 8207, "ndash": 8211,
        "mdash": 8212, "lsquo": 8216, "rsquo": 8217, "sbquo": 8218, "ldquo": 8220, "rdquo": 8221, "bdquo": 8222,
        "dagger": 8224, "Dagger": 8225, "bull": 8226, "hellip": 8230, "permil": 8240, "prime": 8242, "Prime": 8243,
        "lsaquo": 8249, "rsaquo": 8250, "euro": 8364, "trade": 8482, "larr": 8592, "uarr": 8593, "rarr": 8594,
        "darr": 8595, "harr": 8596, "rArr": 8658, "hArr": 8660, "minus": 8722, "infin": 8734, "asymp": 8776, "ne": 8800,
        "le": 8804, "ge": 8805, "check": 10003, "star": 9734, "starf": 9733, "hearts": 9829, "alpha": 945, "beta": 946,
        "gamma": 947, "delta": 948, "pi": 960, "mu": 956, "Omega": 937, "Delta": 916, "Sigma": 931, "sum": 8721,
        "numsp": 8199, "puncsp": 8200, "hairsp": 8202, "NewLine": 10, "Tab": 9, "num": 35, "colon": 58, "comma": 44,
        "period": 46, "excl": 33, "quest": 63, "lpar": 40, "rpar": 41, "commat": 64, "sol": 47, "dash": 8208,
    ]
}
