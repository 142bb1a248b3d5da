package import Model

/// Who puts the copy into Sent, and when: a pure function of what is known.
///
/// Gmail and Exchange file what they are given, some seconds later; a second copy of ours would stay. Of other servers nothing is
/// known at first: the first message is put there, and a later look shows whether the server did the same. Then ours goes, and the
/// server is trusted from then on.
package struct SentCopyPlan: Sendable {
    /// What is to be done.
    package enum Action: Sendable, Equatable {
        /// It is there, or it will never be; `learned` is what that says about the server.
        case finish(SentCopy.State, EmailID?, learned: Bool?)
        case append
        case lookAgain(after: Duration)
        /// Both of us put it there: ours goes.
        case removeOurs
    }

    /// Waits for a server that files by itself, after the first, second, … look.
    package var patience: [Duration] = [.seconds(5), .seconds(30), .seconds(120), .seconds(600)]
    /// When a server of which nothing is known is looked at again.
    package var probe = Duration.seconds(60)

    package init() {}

    /// `known` is what was learned of the account's server; `rewrites`: it gives messages another Message-ID, so that none is found.
    package func action(
        for copy: SentCopy, look: SentLook, known: Bool?, rewrites: Bool
    ) -> Action {
        guard look.hasMailbox else { return .finish(.none, nil, learned: nil) }
        if copy.state == .filed {
            return look.count > 1 ? .removeOurs : .finish(.filed, look.found, learned: known ?? false)
        }
        if let found = look.found {
            // A try of ours may have put it there that seemed to fail, or after which the program died.
            let mayBeOurs =
                copy.error != nil || known == false
                || copy.attempts > 1 && known == nil && !look.filesItself && !rewrites
            return .finish(mayBeOurs ? .filed : .byServer, found, learned: mayBeOurs ? nil : true)
        }
        guard known == true || look.filesItself || rewrites else { return .append }
        if copy.attempts <= patience.count { return .lookAgain(after: patience[max(copy.attempts, 1) - 1]) }
        return rewrites ? .finish(.byServer, nil, learned: nil) : .append
    }
}
