/// What was wrong with a message that we read anyway; the raw value is the stable code the API shows.
package enum MIMEProblem: String, Sendable, Hashable, CaseIterable, Comparable {
    case tooManyHeaders = "too-many-headers"
    case headerTooLarge = "header-too-large"
    case malformedHeader = "malformed-header"
    case missingHeaderEnd = "missing-header-end"
    case nestingTooDeep = "nesting-too-deep"
    case tooManyParts = "too-many-parts"
    case missingBoundary = "missing-boundary"
    case boundaryNotFound = "boundary-not-found"
    case missingFinalBoundary = "missing-final-boundary"
    case malformedContentType = "malformed-content-type"
    case unknownTransferEncoding = "unknown-transfer-encoding"
    case malformedBase64 = "malformed-base64"
    case malformedQuotedPrintable = "malformed-quoted-printable"
    case malformedUUEncode = "malformed-uuencode"
    case unknownCharset = "unknown-charset"
    case undecodableText = "undecodable-text"
    case malformedAddress = "malformed-address"
    case malformedDate = "malformed-date"

    package static func < (left: MIMEProblem, right: MIMEProblem) -> Bool { left.rawValue < right.rawValue }
}
