/// Text with soft line breaks, RFC 3676: paragraphs become one line again.
enum FlowedText {
    /// With `DelSp=yes` the blank that marks a soft break is none of the text.
    static func unfold(_ text: String, deletesSpace: Bool) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        var openDepth: Int?
        var isFirst = true
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            var rest = line
            var depth = 0
            while rest.first == 0x3E {
                rest = rest.dropFirst()
                depth += 1
            }
            if rest.first == 0x20 { rest = rest.dropFirst() }
            let isSignature = rest.elementsEqual("-- ".utf8)
            if openDepth != depth || isSignature {
                if !isFirst { output.append(0x0A) }
                if depth > 0 {
                    output.append(contentsOf: repeatElement(0x3E, count: depth))
                    if !rest.isEmpty { output.append(0x20) }
                }
            }
            isFirst = false
            let isSoft = rest.last == 0x20 && !isSignature
            output.append(contentsOf: isSoft && deletesSpace ? rest.dropLast() : rest)
            openDepth = isSoft ? depth : nil
        }
        return String(decoding: output, as: UTF8.self)
    }
}
