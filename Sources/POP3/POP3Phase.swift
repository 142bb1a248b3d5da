/// Where in a session we are, as a reader of errors wants to know it.
package enum POP3Phase: String, Sendable, Hashable, CaseIterable {
    case greeting
    case capabilities
    case startTLS
    case language
    case authentication
    /// Logged in; nothing is asked.
    case idle
    /// A command is under way.
    case command
    case quit
}
