package import Model

extension AccountHealth: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("accountId", account)
            writer.member("state", state.rawValue)
            writer.member("at", at)
            for name in MailProtocol.allCases { writer.member(name.rawValue, servers[name]) }
            writer.member("features", array: features)
            writer.member("sync", sync.map { DatedSync(sync: $0, at: at) })
        }
    }
}

extension ServerHealth: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("lastContactAt", lastContactAt)
            writer.member("lastError", lastError)
            writer.member("serverName", serverName)
            writer.member("sessions", sessions)
            writer.member("capabilities", array: capabilities)
            writer.member("expireDays", expireDays)
            writer.member("loginDelaySeconds", loginDelaySeconds)
        }
    }
}

extension SessionUse: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("lent", lent)
            writer.member("idle", idle)
            writer.member("connecting", connecting)
            writer.member("waiting", waiting)
            writer.member("watching", watching)
            writer.member("budget", budget)
        }
    }
}

extension ServerFeature: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name.rawValue)
            writer.member("support", support.rawValue)
            writer.member("extensions", array: extensions)
        }
    }
}

/// The lag is told as of a moment.
private struct DatedSync: JSONWritable {
    let sync: SyncHealth
    let at: Timestamp

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("phase", sync.phase)
            writer.member("since", sync.since)
            writer.member("watching", sync.watching)
            writer.member("tier", sync.tier)
            writer.member("lastContactAt", sync.lastContactAt)
            writer.member("lastCheckedAt", sync.lastCheckedAt)
            writer.member("lastEventAt", sync.lastEventAt)
            writer.member("lagSeconds", sync.lagSeconds(at: at))
            writer.member("nextAttemptAt", sync.nextAttemptAt)
            writer.member("lastError", sync.lastError)
            writer.member("mailboxes", sync.mailboxes)
            writer.member("remaining", sync.remaining)
        }
    }
}
