/// How many connections to one host are made at the same time, learned from how it takes them.
///
/// It begins narrow, doubles with each round that went well, and is halved where the host refuses; from then on it grows by one a round.
/// A host that only becomes slower under the load is not asked for more: the connects would wait there instead of here.
struct ConnectPace: Equatable {
    private(set) var width: Int
    /// After a refusal those in line step a little apart, so that many accounts do not move in step.
    private(set) var staggers = false
    private let widest: Int
    /// The quickest connect that was seen: what the host needs when it has nothing else to do.
    private var shortest: Duration?
    private var credit = 0

    init(narrowest: Int = Limits.connectsPerHost, widest: Int = Limits.mostConnectsPerHost) {
        width = max(1, narrowest)
        self.widest = max(width, widest)
    }

    /// A session was made, from dialling to login, in that time.
    mutating func succeed(in time: Duration) {
        let best = min(shortest ?? time, time)
        shortest = best
        guard time <= max(best * Limits.connectSlowdown, Limits.quickConnect) else { return }
        credit += 1
        let needed = staggers ? width : 1
        guard credit >= needed else { return }
        credit = 0
        width = min(widest, width + 1)
    }

    /// The host turned a connection away, or did not answer in time.
    mutating func refuse() {
        width = max(1, width / 2)
        staggers = true
        credit = 0
    }
}
