extension PartNode {
    /// A name to save the part under: never a path, never empty, with an extension that fits its type.
    package var fileName: String {
        let known = MediaTypeExtensions.table[mediaType] ?? (type == "text" ? "txt" : nil)
        if let labelled = labelledFileName.map(FileName.sanitized(_:)), !labelled.isEmpty {
            if FileName.hasExtension(labelled) { return labelled }
            return known.map { "\(labelled).\($0)" } ?? labelled
        }
        if type == "message", let subject = nestedSubject.map(FileName.sanitized(subject:)), !subject.isEmpty {
            return subject.hasSuffix(".eml") ? subject : subject + ".eml"
        }
        let stem = type == "image" || type == "audio" || type == "video" || type == "message" ? type : "attachment"
        let place = number.isEmpty ? "" : "-" + number.replacing(".", with: "-")
        return "\(stem)\(place).\(known ?? "bin")"
    }
}

/// What makes a name from the wire safe for every file system and header.
enum FileName {
    /// The last path component (Outlook once sent whole paths), without controls and direction overrides.
    static func sanitized(_ name: String) -> String {
        let component = name.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last
        return shortened(cleaned(component.map { String(String.UnicodeScalarView($0)) } ?? ""))
    }

    /// A subject is no path: its slashes become dashes.
    static func sanitized(subject: String) -> String {
        sanitized(subject.replacing("/", with: "-").replacing("\\", with: "-").replacing(":", with: ""))
    }

    static func hasExtension(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        return (1...10).contains(name[dot...].count - 1)
    }

    private static func cleaned(_ name: String) -> String {
        var scalars = name.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
            default: true
            }
        }
        while let first = scalars.first, first == "." || first == " " { scalars.removeFirst() }
        while let last = scalars.last, last == "." || last == " " { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func shortened(_ name: String) -> String {
        guard name.unicodeScalars.count > Bounds.fileName || name.utf8.count > 240 else { return name }
        var ending = ""
        if hasExtension(name), let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 20 {
            ending = String(name[dot...])
        }
        var stem = String.UnicodeScalarView()
        var octets = ending.utf8.count
        for scalar in name.unicodeScalars.prefix(Bounds.fileName - ending.unicodeScalars.count) {
            octets += UTF8.width(scalar)
            if octets > 240 { break }
            stem.append(scalar)
        }
        return cleaned(String(stem)) + ending
    }
}

/// Extensions for parts without a name, or with one that has none.
enum MediaTypeExtensions {
    static let table: [String: String] = [
        "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/csv": "csv", "text/vcard": "vcf",
        "text/x-vcard": "vcf", "text/xml": "xml", "text/css": "css", "text/rtf": "rtf", "text/markdown": "md",
        "text/x-patch": "patch", "text/x-diff": "diff", "text/rfc822-headers": "txt",
        "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp",
        "image/svg+xml": "svg", "image/bmp": "bmp", "image/tiff": "tiff", "image/heic": "heic", "image/avif": "avif",
        "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/wav": "wav", "audio/x-wav": "wav",
        "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/mpeg": "mpg",
        "application/pdf": "pdf", "application/zip": "zip", "application/gzip": "gz", "application/json": "json",
        "application/xml": "xml", "application/rtf": "rtf", "application/msword": "doc",
        "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
        "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.spreadsheet": "ods",
        "application/pgp-signature": "asc", "application/pgp-keys": "asc", "application/pgp-encrypted": "asc",
        "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s",
        "application/pkcs7-mime": "p7m", "application/x-pkcs7-mime": "p7m", "application/ms-tnef": "dat",
        "application/ics": "ics", "application/javascript": "js", "application/x-tar": "tar",
        "message/rfc822": "eml", "message/global": "eml", "message/delivery-status": "txt",
        "message/disposition-notification": "txt", "message/feedback-report": "txt",
    ]
}
