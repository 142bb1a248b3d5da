/// Every bound of this target.
enum Limits {
    /// A node that was not heard of for so long is dead, and how often it says that it lives.
    static let life = Duration.seconds(15)
    static let heartbeat = Duration.seconds(5)
    /// How often the dead are looked for.
    static let lookInterval = Duration.milliseconds(2500)
    /// So long before the others take it for dead, a node that cannot say that it lives lets go of what it has.
    static let margin = Duration.seconds(2)
    /// When a heartbeat that failed is tried again.
    static let retry = Duration.seconds(1)
}
