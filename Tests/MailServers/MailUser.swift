/// Somebody with a mailbox on the servers of a test.
package struct MailUser: Sendable, Hashable {
    /// The address, which is also the name to log in with.
    package let email: String
    package let password: String

    package init(_ email: String, password: String = "correct horse") {
        self.email = email
        self.password = password
    }
}
