/// A command as a value: it writes itself and knows which untagged responses make its result.
package protocol IMAPCommand: Sendable {
    associatedtype Result: Sendable

    /// The verb, for errors and logs.
    var name: StaticString { get }
    /// What may run beside it.
    var pipelining: PipeliningRule { get }
    /// What its success means for the session.
    var effect: CommandEffect { get }
    /// Verb and arguments, without tag and line end.
    func encode(into encoder: inout CommandEncoder) throws(IMAPError)
    /// The result before any response.
    var emptyResult: Result { get }
    /// Takes what belongs to this command; false leaves it to others.
    func collect(_ response: UntaggedResponse, into result: inout Result) -> Bool
    /// Completes the result with the text of the tagged OK.
    func finish(_ result: inout Result, with text: ResponseText)
    /// Whether this NO means success: all that could be done was done.
    func forgives(_ refusal: ResponseText) -> Bool
    /// The same for what `[MESSAGELIMIT n uid]` left out, messages with UIDs of at most `uid`: see `ContinuedCommands.swift`.
    func continued(at uid: UInt32) -> Self?
    /// Adds what a continuation brought.
    static func merge(_ more: Result, into result: inout Result)
    /// Answers continuation requests that ask for no literal (AUTHENTICATE, IDLE).
    func makeResponder() throws(IMAPError) -> (any ContinuationResponder)?
}

extension IMAPCommand {
    package var effect: CommandEffect { .none }
    package func collect(_ response: UntaggedResponse, into result: inout Result) -> Bool { false }
    package func finish(_ result: inout Result, with text: ResponseText) {}
    package func forgives(_ refusal: ResponseText) -> Bool { false }
    package func continued(at uid: UInt32) -> Self? { nil }
    package static func merge(_ more: Result, into result: inout Result) {}
    package func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? { nil }
}

extension IMAPCommand where Result == Void {
    package var emptyResult: Void { () }
}

/// What the session changes when the command succeeds.
package enum CommandEffect: Sendable, Equatable {
    case none
    case startTLS
    /// LOGIN and AUTHENTICATE.
    case authenticates
    case selects(MailboxName, readOnly: Bool)
    /// UNSELECT and CLOSE.
    case deselects
    /// Until `IMAPSession.endIdle()`.
    case idles
    case logsOut
    /// Both directions are DEFLATE from here on.
    case compresses
    case unauthenticates
}

/// The client's side of a dialogue within a command.
package protocol ContinuationResponder: Sendable {
    /// What to send as a line; nil where nothing is to be sent.
    mutating func respond(to challenge: [UInt8]) throws(IMAPError) -> [UInt8]?
    /// The server said OK; throws where that cannot be believed.
    mutating func succeed() throws(IMAPError)
}

extension ContinuationResponder {
    package mutating func succeed() throws(IMAPError) {}
}
