/// Every bound of this target.
enum Limits {
    /// How long a stream ticket opens the stream.
    static let ticketLifetime = Duration.seconds(60)
    /// How often the log is looked at for events of other processes: the net below the bell.
    static let pollInterval = Duration.seconds(3)
    /// Stretches of the log that one answer looks through for events that its filter wants.
    static let looks = 20
}
