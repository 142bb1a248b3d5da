package import Model

extension Discovery: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("email", email)
            for name in MailProtocol.allCases { writer.member(name.rawValue, proposal(name).map(Proposal.init)) }
            writer.member("candidates", array: candidates)
            writer.member("sources", array: sources)
        }
    }
}

/// A server as `createAccount` takes it.
private struct Proposal: JSONWritable {
    let server: DiscoveredServer

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("host", server.endpoint.host)
            writer.member("port", Int(server.endpoint.port))
            writer.member("security", server.endpoint.security.rawValue)
            writer.member("username", server.username)
        }
    }
}

extension DiscoveredServer: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("protocol", mailProtocol.rawValue)
            writer.member("host", endpoint.host)
            writer.member("port", Int(endpoint.port))
            writer.member("security", endpoint.security.rawValue)
            writer.member("username", username)
            writer.member("source", origin.rawValue)
            writer.member("evidence", evidence)
            writer.member("authentication", array: authentication)
            writer.member("isReachable", isReachable)
            writer.member("fault", fault)
        }
    }
}

extension DiscoverySource: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", origin.rawValue)
            writer.member("place", place)
            writer.member("servers", servers)
            writer.member("fault", fault)
        }
    }
}
