/// Moments in order, each removable at once: a binary heap that knows where its entries are.
///
/// Removal matters: most deadlines never come, and a heap that only forgets passed moments would hold one for each
/// finished request of the last minute.
package struct TimerHeap<Payload> {
    /// Names one entry; a name is not used again after its entry went.
    package struct ID: Hashable, Sendable {
        fileprivate let slot: Int32
        fileprivate let generation: UInt32
    }

    private struct Entry {
        var deadline: Deadline
        var slot: Int32
    }

    private struct Slot {
        var generation: UInt32 = 0
        var position: Int32 = -1
        var payload: Payload?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var free: [Int32] = []

    package init() {}

    package var count: Int { heap.count }
    package var next: Deadline? { heap.first?.deadline }

    package mutating func insert(_ payload: Payload, at deadline: Deadline) -> ID {
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = Int32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].payload = payload
        heap.append(Entry(deadline: deadline, slot: slot))
        siftUp(heap.count - 1)
        return ID(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Removes the entry and gives its payload; nil when it is gone already.
    @discardableResult
    package mutating func remove(_ id: ID) -> Payload? {
        let slot = slots[Int(id.slot)]
        guard slot.generation == id.generation, slot.position >= 0 else { return nil }
        return removeEntry(at: Int(slot.position))
    }

    /// Removes and gives the earliest entry that is due.
    package mutating func popDue(at now: Deadline) -> Payload? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        return removeEntry(at: 0)
    }

    package mutating func popAny() -> Payload? {
        heap.isEmpty ? nil : removeEntry(at: heap.count - 1)
    }

    private mutating func removeEntry(at position: Int) -> Payload? {
        let slot = Int(heap[position].slot)
        let last = heap.removeLast()
        if position < heap.count {
            heap[position] = last
            slots[Int(last.slot)].position = Int32(position)
            siftUp(position)
            siftDown(Int(slots[Int(last.slot)].position))
        }
        let payload = slots[slot].payload
        slots[slot].payload = nil
        slots[slot].position = -1
        slots[slot].generation &+= 1
        free.append(Int32(slot))
        return payload
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let entry = heap[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.deadline < heap[parent].deadline else { break }
            place(heap[parent], at: position)
            position = parent
        }
        place(entry, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let entry = heap[position]
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
            guard heap[child].deadline < entry.deadline else { break }
            place(heap[child], at: position)
            position = child
        }
        place(entry, at: position)
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        heap[position] = entry
        slots[Int(entry.slot)].position = Int32(position)
    }
}
