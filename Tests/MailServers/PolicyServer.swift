import Foundation
import Synchronization

/// A policy service of Postfix (SMTPD_POLICY_README) that puts off what it has not been asked about before, as greylisting does.
package final class PolicyServer: Sendable {
    package let port: UInt16
    private let listener: LoopbackListener
    private let seen = Mutex<Set<String>>([])
    private let isGrey: @Sendable (_ recipient: String) -> Bool

    /// `isGrey` says whose mail is put off once for each sender.
    package init(isGrey: @escaping @Sendable (_ recipient: String) -> Bool) throws {
        self.isGrey = isGrey
        listener = try LoopbackListener()
        port = listener.port
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let stream = listener.accept() {
                Thread.detachNewThread { [weak self] in self?.serve(stream) }
            }
        }
    }

    deinit { listener.stop() }

    private func serve(_ stream: SocketStream) {
        var attributes: [String: String] = [:]
        while let line = try? stream.readLine() {
            guard line.isEmpty else {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                attributes[parts[0]] = parts.count > 1 ? parts[1] : ""
                continue
            }
            let recipient = attributes["recipient"] ?? ""
            let isNew = seen.withLock { $0.insert("\(attributes["sender"] ?? "") \(recipient)").inserted }
            let action = isNew && isGrey(recipient) ? "DEFER 4.7.1 Greylisted, come again" : "DUNNO"
            guard (try? stream.send("action=\(action)\n\n")) != nil else { return }
            attributes = [:]
        }
    }
}
