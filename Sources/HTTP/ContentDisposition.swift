/// The value of `Content-Disposition` for a download (RFC 6266).
package enum ContentDisposition {
    /// Names the file twice where it is not ASCII: `filename*` (RFC 8187) for everyone, `filename` for the rest.
    ///
    /// Path separators and control characters become `_`: a name is a name, not a place.
    package static func value(_ type: String, filename: String?) -> String {
        guard let filename, !filename.isEmpty else { return type }
        let name = String(filename.map { isUnsafe($0) ? "_" : $0 })
        let plain = String(name.map { $0.isASCII && $0 != "\"" && $0 != "%" ? $0 : "_" })
        let value = type + "; filename=" + quoted(plain)
        return plain == name ? value : value + "; filename*=UTF-8''" + PercentEncoding.encode(name)
    }

    private static func isUnsafe(_ character: Character) -> Bool {
        character == "/" || character == "\\"
            || character.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || isBidi($0) }
    }

    /// Direction overrides make `exe.gpj` look like `jpg.exe` read backwards.
    private static func isBidi(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}
