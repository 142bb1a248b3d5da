import Model
import Store

extension AccountSettings {
    /// Hosts that would be shown a secret which was given for another.
    ///
    /// Whoever may change an account must not learn its password by leading it to a server of his own; whoever names the secret again knows it.
    func hostFaults(since before: AccountSettings, _ patch: AccountPatch) -> [FieldFault] {
        servers.compactMap { name, endpoint -> FieldFault? in
            guard let credentials = credentials.credentials(for: name) else { return nil }
            // What counts is the secret: a host that was led in with another one must not get this later.
            let isKnown = before.servers.contains { old, server in
                server.host.lowercased() == endpoint.host.lowercased()
                    && before.credentials.credentials(for: old)?.authentication == credentials.authentication
            }
            guard !isKnown else { return nil }
            // A certificate's key is never shown, and what is new was just given.
            if case .certificate = credentials.authentication { return nil }
            let own = patch.servers[name]??.credentials.flatMap { $0 }
            let given = self.credentials.own[name] == nil ? patch.credentials : own
            guard given?.authentication == nil else { return nil }
            let member = patch.servers[name]??.host == nil ? "credentials" : "host"
            return FieldFault(
                pointer: "/\(name.rawValue)/\(member)",
                detail: "leads to a host that was not shown these credentials before: give them again")
        }.sorted { $0.pointer < $1.pointer }
    }
}
