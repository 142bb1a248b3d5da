package import POP3
package import Transport

extension Maildrop {
    /// For how long, and how often.
    package struct Settings: Sendable {
        /// A session is handed on while it is younger: its view of the maildrop is as old as itself.
        package var sharedLife = Duration.seconds(10)
        /// For dialling, TLS and login together.
        package var connectTime = Duration.seconds(30)
        /// How long a maildrop that somebody else has is waited for, and the first pause between attempts.
        package var lockPatience = Duration.seconds(20)
        package var lockPause = Duration.milliseconds(250)
        /// How long a message that the server lists and does not give is waited for, before it is done without its header.
        package var unreadPatience = Duration.seconds(600)

        package init() {}
    }

    /// What the maildrop does now, for health documents and metrics.
    package struct Status: Sendable, Equatable {
        package var isLent = false
        package var isConnecting = false
        package var waiting = 0
        package var lastContact: Deadline?
        package var capabilities = POP3Capabilities.unknown
    }
}
