import CGumbo

/// An attribute as the parser understood it: name in lower case, value without references.
struct HTMLAttribute {
    var name: String
    var value: String
}

/// Hears of the nodes of a tree in document order.
protocol HTMLTreeVisitor {
    /// Whether the content is to be visited; where it is, `close` follows.
    mutating func open(_ element: HTMLElement, tag: GumboTag, attributes: [HTMLAttribute]) -> Bool
    mutating func close(_ element: HTMLElement)
    mutating func text(_ text: [UInt8])
    /// False ends the visit.
    var wantsMore: Bool { get }
}

/// A document parsed by the HTML standard's own algorithm.
///
/// The parser is gumbo, because a filter is only as good as its idea of where elements begin and end: gumbo implements
/// the tree construction of the standard (tables with foster parenting, adoption agency, foreign content, raw text), so
/// that what is checked here is what a browser would have built. It is in C, of 2015 and unmaintained: nothing it says
/// reaches the output but allow-listed names and escaped values, its output is parsed again until it is stable, and
/// CGumbo bounds its memory, time and stack.
@safe final class HTMLTree {
    private let document: OpaquePointer

    /// Nil where the document costs more than it may.
    init?(parsing text: [UInt8]) {
        let parsed = unsafe text.withUnsafeBytes { bytes in
            unsafe mb_gumbo_parse(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                Limits.memory(for: bytes.count), Limits.milliseconds)
        }
        guard let parsed = unsafe parsed else { return nil }
        unsafe document = parsed
    }

    deinit { unsafe mb_gumbo_free(document) }

    /// Visits body and what is in it; iteratively, because nesting is the sender's choice.
    func visitBody(_ visitor: inout some HTMLTreeVisitor) {
        guard let root = unsafe mb_gumbo_root(document), let body = unsafe Self.body(of: root) else { return }
        var path: [(node: UnsafePointer<GumboNode>, next: UInt32)] = unsafe []
        unsafe Self.enter(body, &path, &visitor)
        while visitor.wantsMore, let (node, next) = unsafe path.last {
            let children = unsafe node.pointee.v.element.children
            if unsafe next < children.length {
                unsafe path[path.count - 1].next += 1
                guard let child = unsafe children.data[Int(next)] else { continue }
                unsafe Self.enter(UnsafePointer(child.assumingMemoryBound(to: GumboNode.self)), &path, &visitor)
            } else {
                unsafe path.removeLast()
                visitor.close(HTMLElement[unsafe node.pointee.v.element.tag])
            }
        }
    }

    private static func body(of root: UnsafePointer<GumboNode>) -> UnsafePointer<GumboNode>? {
        let children = unsafe root.pointee.v.element.children
        for index in 0..<Int(unsafe children.length) {
            guard let child = unsafe children.data[index] else { continue }
            let node = unsafe UnsafePointer(child.assumingMemoryBound(to: GumboNode.self))
            if unsafe node.pointee.type == GUMBO_NODE_ELEMENT, unsafe node.pointee.v.element.tag == GUMBO_TAG_BODY {
                return unsafe node
            }
        }
        return nil
    }

    private static func enter(
        _ node: UnsafePointer<GumboNode>, _ path: inout [(node: UnsafePointer<GumboNode>, next: UInt32)],
        _ visitor: inout some HTMLTreeVisitor
    ) {
        switch unsafe node.pointee.type {
        case GUMBO_NODE_ELEMENT:
            let tag = unsafe node.pointee.v.element.tag
            // SVG and MathML are other languages, with scripts, links and images of their own.
            guard unsafe node.pointee.v.element.tag_namespace == GUMBO_NAMESPACE_HTML else { return }
            let element = HTMLElement[tag]
            if visitor.open(element, tag: tag, attributes: unsafe attributes(of: node)) {
                unsafe path.append((node, 0))
            }
        case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA:
            if let text = unsafe node.pointee.v.text.text { visitor.text(unsafe octets(text)) }
        default:
            // Comments, and templates: their content is no part of the document.
            return
        }
    }

    private static func attributes(of node: UnsafePointer<GumboNode>) -> [HTMLAttribute] {
        let vector = unsafe node.pointee.v.element.attributes
        var attributes: [HTMLAttribute] = []
        for index in 0..<Int(unsafe vector.length) {
            guard let item = unsafe vector.data[index] else { continue }
            let attribute = unsafe item.assumingMemoryBound(to: GumboAttribute.self)
            guard let name = unsafe attribute.pointee.name, let value = unsafe attribute.pointee.value else { continue }
            attributes.append(HTMLAttribute(name: unsafe String(cString: name), value: unsafe String(cString: value)))
        }
        return attributes
    }

    private static func octets(_ text: UnsafePointer<CChar>) -> [UInt8] {
        var length = 0
        while unsafe text[length] != 0 { length += 1 }
        return unsafe text.withMemoryRebound(to: UInt8.self, capacity: length) { start in
            unsafe Array(UnsafeBufferPointer(start: start, count: length))
        }
    }
}
