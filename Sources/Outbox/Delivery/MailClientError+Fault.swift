import MailClient
import Model

extension MailClientError {
    /// What a submission shows of an attempt that met this.
    var submissionFault: SubmissionFault { SubmissionFault(code: code, text: description) }
}
