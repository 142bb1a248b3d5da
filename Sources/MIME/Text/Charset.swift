/// A charset as browsers understand its label (WHATWG Encoding), with the few that only mail knows.
enum Charset: Equatable {
    case utf8
    case windows1252
    case iso2022JP
    /// A name that glibc knows.
    case iconv(String)
    /// Meaningless label, or ASCII that may be a lie: UTF-8 while it is, else windows-1252.
    case detect
    /// A label that nobody knows; read as `detect`.
    case unknown

    init(label: String?) {
        guard let label else {
            self = .detect
            return
        }
        var key = label.lowercased().filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
        if let star = key.firstIndex(of: "*") { key = String(key[..<star]) }
        guard let name = Charset.labels[key] ?? Charset.labels[key.replacing("_", with: "-")] else {
            self = key.isEmpty ? .detect : .unknown
            return
        }
        self =
            switch name {
            case "UTF-8": .utf8
            case "DETECT": .detect
            case "CP1252": .windows1252
            case "ISO-2022-JP": .iso2022JP
            default: .iconv(name)
            }
    }

    /// Label to glibc name, an allow-list.
    ///
    /// glibc's other converters (INTERNAL, EBCDIC…) are none of a sender's business.
    private static let labels: [String: String] = {
        var result: [String: String] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            for word in words.dropFirst() { result[String(word)] = String(words[0]) }
        }
        return result
    }()

    private static let table = """
        DETECT us-ascii ascii ansi_x3.4-1968 ansi-x3.4-1968 iso-ir-6 iso646-us 646 us unknown-8bit unknown x-unknown \
        8bit 7bit default x-user-defined none ansi binary utf
        UTF-8 utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf-8mb4 utf8mb4 cp65001 65001
        CP1252 windows-1252 windows1252 cp1252 x-cp1252 1252 iso-8859-1 iso8859-1 iso88591 iso-88591 8859-1 iso-ir-100 latin1 \
        latin-1 l1 csisolatin1 cp819 ibm819 iso-8859-1:1987
        ISO-8859-2 iso-8859-2 iso8859-2 iso88592 iso-ir-101 latin2 latin-2 l2 csisolatin2 iso-8859-2:1987
        ISO-8859-3 iso-8859-3 iso8859-3 iso88593 iso-ir-109 latin3 l3 csisolatin3
        ISO-8859-4 iso-8859-4 iso8859-4 iso88594 iso-ir-110 latin4 l4 csisolatin4
        ISO-8859-5 iso-8859-5 iso8859-5 iso88595 iso-ir-144 cyrillic csisolatincyrillic
        ISO-8859-6 iso-8859-6 iso-8859-6-e iso-8859-6-i iso8859-6 iso88596 arabic asmo-708 ecma-114 iso-ir-127
        ISO-8859-7 iso-8859-7 iso8859-7 iso88597 greek greek8 ecma-118 elot-928 iso-ir-126 sun-eu-greek csisolatingreek
        ISO-8859-8 iso-8859-8 iso-8859-8-e iso-8859-8-i iso8859-8 iso88598 hebrew visual logical iso-ir-138
        ISO-8859-10 iso-8859-10 iso8859-10 iso885910 latin6 l6 iso-ir-157 csisolatin6
        ISO-8859-13 iso-8859-13 iso8859-13 iso885913
        ISO-8859-14 iso-8859-14 iso8859-14 iso885914
        ISO-8859-15 iso-8859-15 iso8859-15 iso885915 latin9 latin-9 l9 csisolatin9
        ISO-8859-16 iso-8859-16 iso8859-16
        CP866 ibm866 cp866 866 csibm866
        KOI8-R koi8-r koi8 koi koi8r cskoi8r
        KOI8-U koi8-u koi8-ru koi8u
        MACINTOSH macintosh mac x-mac-roman csmacintosh
        CP874 windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 tis620 cp874
        CP1250 windows-1250 cp1250 x-cp1250 windows1250
        CP1251 windows-1251 cp1251 x-cp1251 windows1251 win-1251
        CP1253 windows-1253 cp1253 x-cp1253 windows1253
        CP1254 windows-1254 cp1254 x-cp1254 windows1254 iso-8859-9 iso8859-9 iso88599 latin5 l5 iso-ir-148 csisolatin5
        CP1255 windows-1255 cp1255 x-cp1255 windows1255
        CP1256 windows-1256 cp1256 x-cp1256 windows1256
        CP1257 windows-1257 cp1257 x-cp1257 windows1257
        CP1258 windows-1258 cp1258 x-cp1258 windows1258
        MAC-CYRILLIC x-mac-cyrillic x-mac-ukrainian
        GB18030 gb18030 gbk x-gbk cp936 ms936 windows-936 gb2312 gb-2312 gb-2312-80 gb2312-80 x-gb2312 csgb2312 \
        csiso58gb231280 chinese euc-cn eucgb2312-cn iso-ir-58
        BIG5-HKSCS big5 big5-hkscs cn-big5 x-x-big5 csbig5 cp950 ms950 windows-950 big-5
        EUC-JP-MS euc-jp eucjp x-euc-jp x-eucjp cseucpkdfmtjapanese
        ISO-2022-JP iso-2022-jp iso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms cp50220 cp50221 csiso2022jp jis
        CP932 shift-jis shift_jis shiftjis sjis x-sjis ms932 ms-kanji windows-31j cp932 csshiftjis windows-932 cswindows31j
        CP949 euc-kr euckr cp949 uhc windows-949 ms949 ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601 \
        ks-c5601-1987 korean cseuckr csksc56011987 iso-ir-149 5601
        ISO-2022-KR iso-2022-kr csiso2022kr
        ISO-2022-CN iso-2022-cn
        EUC-TW euc-tw
        JOHAB johab cp1361
        UTF-16LE utf-16le ucs-2 iso-10646-ucs-2 csunicode unicode unicodelittle
        UTF-16BE utf-16be unicodefffe
        UTF-16 utf-16 utf16
        UTF-32 utf-32 utf32
        UTF-7 utf-7 utf7 unicode-1-1-utf-7 csunicode11utf7 x-unicode-2-0-utf-7
        CP437 cp437 ibm437 437
        CP850 cp850 ibm850 850
        CP852 cp852 ibm852 852
        VISCII viscii
        TCVN tcvn tcvn-5712 tcvn5712-1 x-viet-tcvn
        ARMSCII-8 armscii-8
        GEORGIAN-PS georgian-ps
        """
}
