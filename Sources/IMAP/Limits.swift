/// What a server may make us hold; a limit that is hit ends the session with `IMAPError.limit`.
package struct IMAPLimits: Sendable, Equatable {
    /// Octets of one response outside its literals.
    ///
    /// Generous: a `SEARCH` answer of a million UIDs is one line of 8 MB.
    package var line = 16 << 20
    /// Literals up to this size stay in the frame; larger ones are streamed out.
    package var inlineLiteral = 64 << 10
    /// The largest literal a server may announce; a message beyond it cannot be read through us.
    package var literal = 2 << 30
    /// Octets of one response that are held at once, inline literals and collected ones included.
    package var frame = 64 << 20
    /// Literals in one response.
    package var literalsInFrame = 10_000
    /// Parentheses within parentheses, and parts within parts.
    ///
    /// Real mail stays below 20.
    package var nesting = 100
    /// Numbers that a set from the wire may expand to.
    package var expandedNumbers = 1_000_000
    /// Commands that wait for the wire or for an answer.
    package var commandsInFlight = 64

    package init() {}
}

/// Which of `IMAPLimits` was passed.
package enum IMAPLimit: String, Sendable, Equatable {
    case line
    case literal
    case frame
    case literalsInFrame
    case nesting
    case expandedNumbers
    case commandsInFlight
}
