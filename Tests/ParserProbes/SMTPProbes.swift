import SMTP
import Wire

enum SMTPProbes {
    static func replies(_ bytes: [UInt8]) throws(BrokenPromise) {
        let whole = read([bytes[...]])
        try expect(whole == read(pieces(bytes)), "SMTP replies differ where they arrive in two pieces")
        for reply in whole ?? [] {
            let capabilities = SMTPCapabilities(reply)
            _ = (
                capabilities.maximumMessageOctets, capabilities.authenticationMechanisms, capabilities.maximumRecipients
            )
            _ = reply.description
        }
    }

    private static func read(_ pieces: [ArraySlice<UInt8>]) -> [SMTPReply]? {
        var parser = SMTPReplyParser()
        var input = InputBuffer()
        var replies: [SMTPReply] = []
        do {
            for piece in pieces {
                input.append(piece)
                while let reply = try parser.next(&input) { replies.append(reply) }
            }
            return replies
        } catch {
            return nil
        }
    }
}
