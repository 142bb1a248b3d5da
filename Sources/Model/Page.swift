/// One page of a list, and the opaque cursor that continues it; nil at the end.
package struct Page<Element: Sendable>: Sendable {
    package var data: [Element]
    package var nextCursor: String?

    package init(data: [Element], nextCursor: String?) {
        self.data = data
        self.nextCursor = nextCursor
    }
}
