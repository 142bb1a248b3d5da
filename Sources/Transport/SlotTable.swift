/// Values under names that are never used twice: what the kernel hands back with an event.
///
/// A file descriptor would not do as a name. It is reused as soon as it is closed, and an event that was fetched before
/// would reach the wrong connection.
package struct SlotTable<Element> {
    private struct Slot {
        var generation: UInt32 = 0
        var element: Element?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    package init() {}

    package var count: Int { slots.count - free.count }

    /// A name for an element that is still to be made.
    package mutating func reserve() -> UInt64 {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        return UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
    }

    /// The element of that name; nil once it is removed, also when its slot has a new one.
    package subscript(name: UInt64) -> Element? {
        get {
            guard let index = index(of: name) else { return nil }
            return slots[index].element
        }
        set {
            guard let index = index(of: name) else { return }
            slots[index].element = newValue
        }
    }

    package mutating func remove(_ name: UInt64) {
        guard let index = index(of: name) else { return }
        slots[index].element = nil
        slots[index].generation &+= 1
        free.append(UInt32(index))
    }

    package var elements: [Element] { slots.compactMap(\.element) }

    private func index(of name: UInt64) -> Int? {
        let index = Int(name & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].generation == UInt32(name >> 32) else { return nil }
        return index
    }
}
