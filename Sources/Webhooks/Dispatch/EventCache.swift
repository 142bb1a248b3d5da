import Model

/// Events between the look at the log and their deliveries, so that one that many webhooks get is read once.
struct EventCache {
    private var events: [Int64: Event] = [:]
    private var order: [Int64] = []
    private var first = 0
    private var octets = 0

    subscript(sequence: Int64) -> Event? { events[sequence] }

    mutating func add(_ event: Event) {
        guard events.updateValue(event, forKey: event.sequence) == nil else { return }
        order.append(event.sequence)
        octets += event.data.count
        while order.count - first > Limits.cachedEvents || octets > Limits.cachedOctets, first < order.count {
            octets -= events.removeValue(forKey: order[first])?.data.count ?? 0
            first += 1
        }
        if first > Limits.cachedEvents {
            order.removeFirst(first)
            first = 0
        }
    }
}
