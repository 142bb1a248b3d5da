package import Wire

/// Finds where responses end in the octets of a connection; it alone knows *needs more* (RFC 9051, 4.3 and 9).
///
/// A response is a line, continued after each literal. Literals up to `IMAPLimits.inlineLiteral` stay in the frame; a larger one
/// is handed out in chunks as it arrives, so that an attachment is never held whole, and leaves a gap that the grammar
/// knows of from `frameLiterals`. Status lines hold free text and so never a literal: a server that echoes `{99}` cannot
/// make us wait for 99 octets.
package struct ResponseFramer: Sendable {
    /// What the octets read so far amount to.
    package enum Event: Sendable, Equatable {
        case needsMore
        /// `withFrame` reads it, `discardFrame()` goes on.
        case response
        /// A literal begins that does not stay in the frame; what came before is readable by `withFrame`.
        case literalBegan(size: Int)
        case literalChunk([UInt8])
        case literalEnded
    }

    /// A literal whose octets are not in the frame.
    package struct OutOfLineLiteral: Sendable, Equatable {
        /// Where in the frame its octets would begin, that is after the line end of `{n}`.
        package let offset: Int
        package let size: Int
        /// The octets, where somebody collected them.
        package var bytes: [UInt8]?
    }

    private enum State: Sendable {
        case line
        case literal(remaining: Int)
        case complete
    }

    /// Octets from the connection; append here, or let a stream do so.
    package var input = InputBuffer()
    package private(set) var frameLiterals: [OutOfLineLiteral] = []
    private let limits: IMAPLimits
    private var state = State.line
    /// How far `input` was searched for a line end.
    private var scanned = 0
    /// Where the current line began in `input`, that is after the last literal.
    private var lineStart = 0
    /// The response up to and including the last out-of-line literal's header.
    private var head: [UInt8] = []
    private var literalCount = 0
    private var inlineLiteralOctets = 0
    /// How far the current line was read for quotes, and whether one is open there.
    private var quotesScanned = 0
    private var isInsideQuotes = false

    package init(limits: IMAPLimits = IMAPLimits()) { self.limits = limits }

    /// What is next.
    ///
    /// After an error the stream is of no use any more.
    package mutating func next() throws(IMAPError) -> Event {
        switch state {
        case .complete: return .response
        case .literal(let remaining): return nextChunk(remaining)
        case .line: return try nextLine()
        }
    }

    /// The octets of the response, or of its beginning after `literalBegan`.
    package func withFrame<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        if head.isEmpty { body(input.span.extracting(0..<lineStart)) } else { body(head.span) }
    }

    /// Gives up the response that was read.
    package mutating func discardFrame() {
        if head.isEmpty { input.consume(lineStart) } else { head = [] }
        frameLiterals = []
        literalCount = 0
        restartLine()
        state = .line
    }

    /// Puts the octets of the last out-of-line literal into the frame, for a reader who wants the value whole.
    package mutating func fillLastLiteral(_ bytes: [UInt8]) {
        guard !frameLiterals.isEmpty else { return }
        frameLiterals[frameLiterals.count - 1].bytes = bytes
    }

    /// Octets of the peer that belong to no complete response yet: after STARTTLS there must be none.
    package var hasUnreadInput: Bool { !input.isEmpty }

    private mutating func nextLine() throws(IMAPError) -> Event {
        while true {
            guard let lineFeed = input.firstIndex(of: 0x0A, from: scanned) else {
                scanned = input.count
                guard scanned - inlineLiteralOctets + head.count <= limits.line else { throw .limit(.line) }
                return .needsMore
            }
            scanned = lineFeed + 1
            guard scanned - inlineLiteralOctets + head.count <= limits.line else { throw .limit(.line) }
            let hasCarriageReturn = lineFeed > lineStart && input[lineFeed - 1] == 0x0D
            if !hasCarriageReturn, opensQuotes(before: lineFeed) { continue }
            let contentEnd = hasCarriageReturn ? lineFeed - 1 : lineFeed
            guard let size = try literalSize(endingAt: contentEnd) else {
                lineStart = scanned
                if !head.isEmpty { moveToHead() }
                state = .complete
                return .response
            }
            literalCount += 1
            guard literalCount <= limits.literalsInFrame else { throw .limit(.literalsInFrame) }
            if size > limits.inlineLiteral {
                lineStart = scanned
                moveToHead()
                frameLiterals.append(OutOfLineLiteral(offset: head.count, size: size, bytes: nil))
                state = .literal(remaining: size)
                return .literalBegan(size: size)
            }
            guard scanned + size + head.count <= limits.frame else { throw .limit(.frame) }
            guard input.count >= scanned + size else {
                // The header is looked at again when all of the literal is here.
                scanned = lineFeed
                literalCount -= 1
                return .needsMore
            }
            scanned += size
            lineStart = scanned
            inlineLiteralOctets += size
        }
    }

    private mutating func nextChunk(_ remaining: Int) -> Event {
        guard remaining > 0 else {
            state = .line
            return .literalEnded
        }
        guard !input.isEmpty else { return .needsMore }
        let chunk = input.take(min(remaining, input.count))
        state = .literal(remaining: remaining - chunk.count)
        return .literalChunk(chunk)
    }

    private mutating func moveToHead() {
        head += input.take(lineStart)
        restartLine()
    }

    // literal = "{" number ["+"] "}" CRLF, literal8 = "~{" number "}" CRLF
    private func literalSize(endingAt end: Int) throws(IMAPError) -> Int? {
        guard end > lineStart, input[end - 1] == UInt8(ascii: "}"), !isStatusLine else { return nil }
        var index = end - 2
        if index > lineStart, input[index] == UInt8(ascii: "+") { index -= 1 }
        let digitsEnd = index + 1
        while index >= lineStart, input[index] &- 0x30 < 10 { index -= 1 }
        guard index >= lineStart, input[index] == UInt8(ascii: "{"), index + 1 < digitsEnd else { return nil }
        var size = 0
        for position in (index + 1)..<digitsEnd {
            let (product, overflow) = size.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(input[position] - 0x30))
            guard !overflow, !carry, sum <= limits.literal else { throw .limit(.literal) }
            size = sum
        }
        return size
    }

    /// Whether the line is a continuation, a tagged response or an untagged OK, NO, BAD, BYE or PREAUTH.
    private var isStatusLine: Bool {
        if !head.isEmpty || literalCount > 0 { return false }
        let span = input.span
        var cursor = ByteCursor(span)
        cursor.skip(while: ByteSet(and: "\0"))
        guard cursor.take(UInt8(ascii: "*")) else { return true }
        cursor.skip(while: .blanks)
        let word = cursor.takeRange(while: .letters)
        return cursor.equals(word, caseInsensitive: "OK") || cursor.equals(word, caseInsensitive: "NO")
            || cursor.equals(word, caseInsensitive: "BAD") || cursor.equals(word, caseInsensitive: "BYE")
            || cursor.equals(word, caseInsensitive: "PREAUTH")
    }

    /// Whether a quoted string is open at `end`: a bare line feed in one does not end the line, so that a subject cannot
    /// forge a response on servers that quote without care.
    private mutating func opensQuotes(before end: Int) -> Bool {
        guard !isStatusLine else { return false }
        if quotesScanned < lineStart {
            quotesScanned = lineStart
            isInsideQuotes = false
        }
        while quotesScanned < end {
            switch input[quotesScanned] {
            case UInt8(ascii: "\\") where isInsideQuotes: quotesScanned += 1
            case UInt8(ascii: "\""): isInsideQuotes.toggle()
            default: break
            }
            quotesScanned += 1
        }
        return isInsideQuotes
    }

    /// Starts a new line at the front of `input`.
    private mutating func restartLine() {
        scanned = 0
        lineStart = 0
        inlineLiteralOctets = 0
        quotesScanned = 0
        isInsideQuotes = false
    }
}
