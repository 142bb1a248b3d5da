/// Bytes that came from a peer and are not yet understood: appended at the end, consumed from the front.
///
/// An empty buffer holds no memory once `releaseIfEmpty()` was called, so that an idle connection costs nothing here.
package struct InputBuffer: Sendable {
    private var storage: [UInt8] = []
    private var start = 0

    package init() {}

    package init(_ bytes: [UInt8]) { storage = bytes }

    package var count: Int { storage.count - start }
    package var isEmpty: Bool { start == storage.count }

    /// What is readable now.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(start..<storage.count) }
    }

    package subscript(index: Int) -> UInt8 { storage[start + index] }

    package mutating func append(copying bytes: UnsafeRawBufferPointer) {
        compactIfWorthwhile()
        unsafe storage.append(contentsOf: bytes)
    }

    package mutating func append(_ bytes: [UInt8]) {
        compactIfWorthwhile()
        storage.append(contentsOf: bytes)
    }

    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        compactIfWorthwhile()
        storage.append(contentsOf: bytes)
    }

    /// Forgets the first `count` octets.
    package mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consumed more than was read")
        start += count
        if start == storage.count {
            storage.removeAll(keepingCapacity: true)
            start = 0
        }
    }

    /// Consumes and returns the first `count` octets.
    package mutating func take(_ count: Int) -> [UInt8] {
        let result = Array(storage[start..<(start + count)])
        consume(count)
        return result
    }

    package mutating func takeAll() -> [UInt8] { take(count) }

    /// Where `byte` first stands at or after `offset`, counted from the front.
    package func firstIndex(of byte: UInt8, from offset: Int = 0) -> Int? {
        let span = span
        var index = offset
        while index < span.count {
            if span[index] == byte { return index }
            index += 1
        }
        return nil
    }

    package mutating func releaseIfEmpty() {
        if isEmpty, storage.capacity > 0 { storage = [] }
    }

    /// Moves the unread rest to the front once the read part is the larger one: amortised O(1) an octet.
    private mutating func compactIfWorthwhile() {
        guard start > 4096, start > storage.count / 2 else { return }
        storage.removeFirst(start)
        start = 0
    }
}
