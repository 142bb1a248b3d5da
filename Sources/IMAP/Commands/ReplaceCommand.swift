/// UID REPLACE (RFC 8508): stores a message and removes the one it takes the place of, in one step.
package struct ReplaceCommand: IMAPCommand {
    private let uid: UInt32
    private let append: AppendCommand

    /// `append` says where the new message goes, with which flags.
    package init(_ uid: UInt32, with append: AppendCommand) {
        self.uid = uid
        self.append = append
    }

    package var name: StaticString { "UID REPLACE" }
    package var pipelining: PipeliningRule {
        .messages(.uids(UIDSet(uid)), readsFlags: true, changesFlags: true)
    }
    package var emptyResult: AppendCommand.Result { AppendCommand.Result() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.replace) else { throw .unsupported(.replace) }
        encoder.raw("UID REPLACE ")
        encoder.number(uid)
        encoder.space()
        try append.encodeArguments(into: &encoder)
    }

    /// APPENDUID comes in an untagged OK before the EXPUNGE (RFC 8508, 3.3), from others in the tagged one.
    package func collect(_ response: UntaggedResponse, into result: inout AppendCommand.Result) -> Bool {
        guard case .condition(.ok, let text) = response, case .appendUID = text.code else { return false }
        append.finish(&result, with: text)
        return true
    }

    package func finish(_ result: inout AppendCommand.Result, with text: ResponseText) {
        append.finish(&result, with: text)
    }
}
