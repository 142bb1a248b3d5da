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
            writer.member("reports", array: reports)
        }
    }
}

extension RecipientReport: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("action", notice.action.rawValue)
            writer.member("enhancedCode", notice.enhancedCode)
            writer.member("text", notice.text)
            writer.member("messageId", messageID)
            writer.member("accountId", accountID)
            writer.member("at", at)
        }
    }
}

/// What `message.bounced` and `message.complained` tell.
package struct DeliveryReportNotice: JSONWritable {
    let report: DeliveryReport
    let submission: SubmissionID?

    package init(_ report: DeliveryReport, of submission: SubmissionID?) {
        self.report = report
        self.submission = submission
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("messageId", report.messageID)
            writer.member("messageAccountId", report.accountID)
            writer.member("submissionId", submission)
            writer.member("originalMessageId", report.originalMessageID)
            writer.member("reporter", report.reporter)
            writer.member("feedbackType", report.feedbackType)
            writer.name("recipients")
            writer.array(report.notices) { writer, notice in
                writer.object { writer in
                    writer.member("email", notice.email)
                    writer.member("action", notice.action.rawValue)
                    writer.member("enhancedCode", notice.enhancedCode)
                    writer.member("text", notice.text)
                }
            }
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
