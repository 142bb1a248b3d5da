/// A validator of a representation (RFC 9110 section 8.8.3).
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    package let value: String
    package let isWeak: Bool

    package init(_ value: String, isWeak: Bool = false) {
        self.value = value
        self.isWeak = isWeak
    }

    /// As it stands in `ETag`.
    package var description: String { (isWeak ? "W/\"" : "\"") + value + "\"" }

    /// Nil where `text` is not one entity-tag.
    package init?(parsing text: String) {
        var scanner = FieldScanner(text)
        scanner.skipBlanks()
        guard let tag = scanner.takeEntityTag() else { return nil }
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
        self = tag
    }
}

/// The value of `If-Match` or `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2).
package enum EntityTagCondition: Sendable, Equatable {
    case any
    case tags([EntityTag])

    /// Nil where `value` is neither `*` nor a list of entity-tags.
    package init?(_ value: String) {
        var scanner = FieldScanner(value)
        scanner.skipBlanks()
        if scanner.take(0x2A) {
            scanner.skipBlanks()
            guard scanner.isAtEnd else { return nil }
            self = .any
            return
        }
        var tags: [EntityTag] = []
        repeat {
            scanner.skipBlanks()
            guard tags.count < Bound.listElements, let tag = scanner.takeEntityTag() else { return nil }
            tags.append(tag)
        } while scanner.nextElement()
        guard scanner.isAtEnd else { return nil }
        self = .tags(tags)
    }

    /// Strong comparison, for `If-Match`: false is 412.
    ///
    /// A nil `current` means that there is no such resource.
    package func matchesStrongly(_ current: EntityTag?) -> Bool {
        switch self {
        case .any: current != nil
        case .tags(let tags): tags.contains { !$0.isWeak && current?.isWeak == false && $0.value == current?.value }
        }
    }

    /// Weak comparison, for `If-None-Match`: true is 304 to GET and HEAD, 412 to the rest.
    package func matchesWeakly(_ current: EntityTag?) -> Bool {
        switch self {
        case .any: current != nil
        case .tags(let tags): tags.contains { $0.value == current?.value }
        }
    }
}

extension FieldScanner {
    fileprivate mutating func takeEntityTag() -> EntityTag? {
        let isWeak = take(0x57)
        if isWeak, !take(0x2F) { return nil }
        guard take(0x22) else { return nil }
        let value = takeText { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) } ?? ""
        return take(0x22) ? EntityTag(value, isWeak: isWeak) : nil
    }
}
