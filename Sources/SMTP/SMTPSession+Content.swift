/// A message's octets on their way, and what may be said before its end is answered.
extension SMTPSession {
    /// Appends to `output` what a piece of the message is on the wire.
    package mutating func encode(_ piece: ArraySlice<UInt8>, into output: inout [UInt8]) {
        guard case .transaction(var transaction) = state, transaction.isChunked else {
            return encoder.encode(piece, into: &output)
        }
        var chunk: [UInt8] = []
        encoder.encode(piece, into: &chunk)
        guard !chunk.isEmpty else { return }
        output += Array("BDAT \(chunk.count)\r\n".utf8) + chunk
        transaction.addChunk()
        state = .transaction(transaction)
    }

    /// Whether replies must be read before more of the message goes out.
    package var mustWait: Bool {
        if case .transaction(let transaction) = state {
            transaction.phase == .content && transaction.mustWait
        } else {
            false
        }
    }

    /// What ends the message on the wire; from this call on nothing is certain, so it comes before the write.
    package mutating func endContent() -> [UInt8] {
        guard case .transaction(var transaction) = state, transaction.phase == .content else { return [] }
        transaction.beginAcceptance()
        state = .transaction(transaction)
        let end = encoder.finish()
        return transaction.isChunked ? Array("BDAT \(end.count) LAST\r\n".utf8) + end : end
    }

    /// Takes `endContent()` back: the final dot's last octet provably did not leave, so the message was not accepted.
    package mutating func dotWithheld() {
        guard case .transaction(var transaction) = state else { return }
        transaction.withdrawAcceptance()
        state = .transaction(transaction)
    }

    /// Begins the next message while the answer to the end of the present one is awaited (RFC 2920 section 3.1).
    ///
    /// Gives what to write; nil where it must wait. When the present one is `finished`, this one is under way.
    package mutating func beginNext(_ envelope: SMTPEnvelope) -> [UInt8]? {
        guard case .transaction(let current) = state, current.phase == .acceptance, upcoming == nil,
            capabilities.offersPipelining, refusal(of: envelope) == nil
        else { return nil }
        // A refused chunk leaves a transaction open, a refused DATA does not.
        var next = transaction(envelope, resets: current.isChunked)
        let group = next.nextGroup()
        upcoming = next
        return group
    }

    /// Whether `beginNext` began a message that is under way now.
    package var hasBegunNext: Bool {
        if case .transaction(let transaction) = state { transaction.phase != .acceptance && isContinued } else { false }
    }
}
