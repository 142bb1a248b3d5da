internal import Synchronization

/// What one stream may do in one turn of its loop, so that a busy peer cannot starve the others.
struct TurnBudget {
    private var turn: UInt64 = 0
    private var operations = 0
    private var octets = 0

    /// Takes one operation; false when it is the others' turn.
    mutating func take(at loop: EventLoop) -> Bool {
        let now = loop.turn.load(ordering: .relaxed)
        if now != turn {
            turn = now
            operations = 0
            octets = 0
        }
        guard operations < Limits.operationsPerTurn, octets < Limits.octetsPerTurn else { return false }
        operations += 1
        return true
    }

    mutating func moved(_ count: Int) { octets += count }
}
