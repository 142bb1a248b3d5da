/// UIDs or message sequence numbers as sorted, disjoint ranges: `sequence-set` of RFC 9051.
///
/// `UInt32.max` at the upper end stands for `*`, as no mailbox gets there.
package struct NumberSet: Sendable, Hashable {
    package private(set) var ranges: [ClosedRange<UInt32>] = []

    package init() {}

    package init(_ number: UInt32) { ranges = [number...number] }

    package init(_ range: ClosedRange<UInt32>) { ranges = [range] }

    package init(_ numbers: some Sequence<UInt32>) {
        for number in numbers.sorted() { appendAscending(number...number) }
    }

    package init(ranges: some Sequence<ClosedRange<UInt32>>) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { appendAscending(range) }
    }

    // 1:*
    package static let all = NumberSet(1...UInt32.max)

    // number:*
    package static func from(_ number: UInt32) -> NumberSet { NumberSet(number...UInt32.max) }

    package var isEmpty: Bool { ranges.isEmpty }

    /// How many numbers there are; a range up to `*` counts to its end.
    package var count: Int { ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }

    package var first: UInt32? { ranges.first?.lowerBound }
    package var last: UInt32? { ranges.last?.upperBound }

    package func contains(_ number: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            let range = ranges[middle]
            if number < range.lowerBound {
                high = middle
            } else if number > range.upperBound {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    /// The numbers themselves, lazily; ask `count` first when the set came from the wire.
    package var numbers: some Sequence<UInt32> { ranges.lazy.flatMap { $0 } }

    package mutating func insert(_ number: UInt32) { insert(number...number) }

    package mutating func insert(_ range: ClosedRange<UInt32>) {
        guard let last = ranges.last, range.lowerBound < last.lowerBound else { return appendAscending(range) }
        let old = ranges
        self = NumberSet(ranges: old + [range])
    }

    /// Takes the `count` largest numbers out, or all where there are fewer.
    package mutating func removeLast(_ count: Int) -> NumberSet {
        var taken: [ClosedRange<UInt32>] = []
        var wanted = count
        while wanted > 0, let range = ranges.popLast() {
            if range.count <= wanted {
                taken.append(range)
                wanted -= range.count
            } else {
                let cut = range.upperBound - UInt32(wanted)
                ranges.append(range.lowerBound...cut)
                taken.append((cut + 1)...range.upperBound)
                wanted = 0
            }
        }
        return NumberSet(ranges: taken)
    }

    package func intersects(_ other: NumberSet) -> Bool {
        var mine = ranges.startIndex
        var theirs = other.ranges.startIndex
        while mine < ranges.endIndex, theirs < other.ranges.endIndex {
            if ranges[mine].overlaps(other.ranges[theirs]) { return true }
            if ranges[mine].upperBound < other.ranges[theirs].upperBound { mine += 1 } else { theirs += 1 }
        }
        return false
    }

    /// At most `size` numbers a piece, ascending: commands of bounded length and answers of bounded size.
    package func chunked(size: Int) -> [NumberSet] {
        let step = UInt32(clamping: max(size, 1))
        var result: [NumberSet] = []
        var current = NumberSet()
        var room = step
        for range in ranges {
            var low = range.lowerBound
            while true {
                let taken = min(room, range.upperBound - low == .max ? .max : range.upperBound - low + 1)
                current.appendAscending(low...(low + (taken - 1)))
                room -= taken
                if room == 0 {
                    result.append(current)
                    current = NumberSet()
                    room = step
                }
                guard range.upperBound - low >= taken else { break }
                low += taken
            }
        }
        if !current.isEmpty { result.append(current) }
        return result
    }

    /// Adds a range that starts at or after the last one.
    private mutating func appendAscending(_ range: ClosedRange<UInt32>) {
        guard let last = ranges.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 else {
            ranges.append(range)
            return
        }
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
    }
}

package typealias UIDSet = NumberSet
package typealias SequenceSet = NumberSet

/// The messages a command is about, and so whether it is the `UID` form of its verb.
package enum MessageSet: Sendable, Hashable {
    case uids(UIDSet)
    case sequences(SequenceSet)

    package var numbers: NumberSet {
        switch self {
        case .uids(let set), .sequences(let set): set
        }
    }

    package var isUIDBased: Bool {
        switch self {
        case .uids: true
        case .sequences: false
        }
    }
}

extension NumberSet: CustomStringConvertible {
    /// The set as it goes over the wire.
    package var description: String {
        ranges.map { range in
            let upper = range.upperBound == .max ? "*" : String(range.upperBound)
            let lower = range.lowerBound == .max ? "*" : String(range.lowerBound)
            return lower == upper ? lower : "\(lower):\(upper)"
        }
        .joined(separator: ",")
    }
}
