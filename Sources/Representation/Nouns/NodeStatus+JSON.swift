package import Model

extension NodeStatus: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("host", host)
            writer.member("version", version)
            writer.member("startedAt", startedAt)
            writer.member("seenAt", seenAt)
            writer.member("aliveUntil", aliveUntil)
            writer.member("isSyncing", isSyncing)
            writer.member("accounts", accounts)
            writer.member("isSelf", isSelf)
        }
    }
}
