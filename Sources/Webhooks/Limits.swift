/// Every bound of this target.
package enum Limits {
    /// From the connection to the end of the answer.
    package static let attemptTime = Duration.seconds(20)
    /// For what is fetched from a mail server before an attempt.
    static let fetchTime = Duration.seconds(15)
    /// Octets of each body that is fetched.
    package static let bodyOctets = 1 << 20
    /// How long a replaced secret signs on, and how many of them there are at most.
    static let secretOverlap = Duration.seconds(24 * 3600)
    static let previousSecrets = 4
    /// Deliveries to one endpoint at the same time to begin with; it grows with success, up to the setting.
    static let firstWindow = 8
    /// Deliveries to all endpoints at the same time.
    static let concurrentDeliveries = 2048
    /// For each one under way, so many are taken from the store ahead.
    static let claimedAhead = 4
    /// The window from which on deliveries are taken ahead.
    static let aheadWindow = 16
    /// How long a claimed delivery stays ours; longer than it may wait and an attempt may take.
    static let lease = Duration.seconds(180)
    /// A claimed delivery that has waited for so long is given back.
    static let readyTime = Duration.seconds(60)
    /// Failed attempts in a row that open an endpoint's circuit.
    static let failuresToOpen = 5
    /// The first pause of an open circuit; it doubles with each probe that fails.
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(300)
    /// The longest that `Retry-After` postpones one delivery, and all of its endpoint.
    static let longestRetryAfter = Duration.seconds(24 * 3600)
    static let longestLanePause = Duration.seconds(3600)
    /// How long a delivery lies where this machine, not the endpoint, is the reason that it was not attempted.
    static let postponement = Duration.seconds(2)
    /// How often the store is looked at when nobody rings.
    static let pollInterval = Duration.seconds(5)
    /// How often claims that outlived their lease are looked for.
    static let recoveryInterval = Duration.seconds(60)
    /// How long nothing is written after the store refused to.
    static let storeBackOff = Duration.seconds(1)
    /// How long attempts under way may go on after the stop.
    static let stopGrace = Duration.seconds(5)
    /// Events that one look at the log brings, and deliveries that one turn adds.
    static let eventsPerLook = 500
    static let assignmentsPerTurn = 4000
    /// Different places in the log that one turn looks at.
    static let looksPerTurn = 16
    /// Deliveries of one webhook that nobody began; beyond, the log itself is where its events wait.
    static let backlog = 1000
    /// Places in the log that a webhook may be ahead of what is written down, where nothing was for it.
    static let unwrittenPlaces: Int64 = 1000
    /// A success is written down at most so often; failures always.
    static let successNote = Duration.seconds(10)
    /// Events kept in memory between the look and the delivery: how many, and how many octets.
    static let cachedEvents = 4096
    static let cachedOctets = 16 << 20
    /// Characters of a description, of a filter's text, and names in a list.
    static let description = 500
    static let filterText = 255
    static let listed = 500
    /// Attempts to store a change that others keep coming before.
    static let updateAttempts = 5
}
