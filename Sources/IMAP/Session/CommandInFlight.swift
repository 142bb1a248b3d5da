/// A command on its way, the type of its result forgotten: what the session queues.
///
/// A reference, as caller and session both hold it; it never leaves the actor that owns the session.
package class CommandInFlight {
    package let name: StaticString
    package let rule: PipeliningRule
    package let effect: CommandEffect
    /// Set when the first octet is handed to the wire: after that the server may have acted.
    package internal(set) var tag: String?
    package var isSent: Bool { tag != nil }
    /// Pieces that wait for the server's `+`.
    var unsent: ArraySlice<CommandSegment> = []
    var responder: (any ContinuationResponder)?

    init(name: StaticString, rule: PipeliningRule, effect: CommandEffect) {
        self.name = name
        self.rule = rule
        self.effect = effect
    }

    func encode(into encoder: inout CommandEncoder) throws(IMAPError) {}
    func collect(_ response: UntaggedResponse) -> Bool { false }
    func complete(_ outcome: Result<ResponseText, IMAPError>) {}
    func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? { nil }
}

/// A command with its result so far and the one who waits for it.
package final class Flight<Command: IMAPCommand>: CommandInFlight {
    package typealias Completion = (Result<Command.Result, IMAPError>) -> Void

    private let command: Command
    private var result: Command.Result
    private var completion: Completion?
    private let intercept: ((UntaggedResponse) -> Bool)?

    private let onCut: ((UInt32) -> Void)?

    /// `intercept` may take a response before the command's own collection; `onCut` hears where the server stopped because of its
    /// MESSAGELIMIT.
    package init(
        _ command: Command, intercept: ((UntaggedResponse) -> Bool)? = nil, onCut: ((UInt32) -> Void)? = nil,
        completion: @escaping Completion
    ) {
        self.onCut = onCut
        self.command = command
        result = command.emptyResult
        self.intercept = intercept
        self.completion = completion
        super.init(name: command.name, rule: command.pipelining, effect: command.effect)
    }

    override func encode(into encoder: inout CommandEncoder) throws(IMAPError) { try command.encode(into: &encoder) }

    override func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? { try command.makeResponder() }

    override func collect(_ response: UntaggedResponse) -> Bool {
        if let intercept, intercept(response) { return true }
        return command.collect(response, into: &result)
    }

    override func complete(_ outcome: Result<ResponseText, IMAPError>) {
        guard let completion else { return }
        self.completion = nil
        switch outcome {
        case .success(let text):
            if case .messageLimit(_, let uid?) = text.code { onCut?(uid) }
            command.finish(&result, with: text)
            completion(.success(result))
        case .failure(.no(let text)) where command.forgives(text): completion(.success(result))
        case .failure(let error): completion(.failure(error))
        }
    }
}
