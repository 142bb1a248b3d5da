package import Model

extension Submission: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("accountId", accountID)
            writer.member("state", state.rawValue)
            writer.member("messageId", messageID)
            writer.member("sendAt", sendAt)
            writer.member("createdAt", createdAt)
            writer.member("attempts", attempts)
            writer.member("nextAttemptAt", nextAttemptAt)
            writer.member("mailFrom", mailFrom)
            writer.member("recipients", array: recipients)
            writer.member("saveToSent", saveToSent)
            writer.member("sentMessageId", sentMessageID)
            writer.member("sentCopy", sentCopy)
            writer.member("error", error)
        }
    }
}

extension SubmissionRecipient: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("email", email)
            writer.member("state", state.rawValue)
            writer.member("code", code)
            writer.member("enhancedCode", enhancedCode)
            writer.member("text", text)
        }
    }
}

extension SentCopy: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("attempts", attempts)
            writer.member("nextAttemptAt", nextAttemptAt)
            writer.member("error", error)
        }
    }
}

extension SubmissionFault: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("text", text)
        }
    }
}
