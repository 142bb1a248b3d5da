import MailServers
import Synchronization
import Testing

/// Several nodes on one PostgreSQL, each with a line to it of its own that can be cut.
final class Cluster: Sendable {
    /// A process and its line.
    struct Node: Sendable {
        let process: MailbridgeProcess
        let line: LoopbackProxy
        let folder: TemporaryFolder

        var api: APIClient { APIClient(process.client) }

        /// What it calls itself.
        var id: String {
            get async throws {
                let nodes = try await api.get("/v1/nodes").expecting(200)["data"].array
                guard let id = nodes.first(where: { $0["isSelf"].bool == true })?["id"].string else {
                    throw ServerFailure("a node that is not in its own list")
                }
                return id
            }
        }
    }

    let server: PostgreSQLServer
    let host: MailHost
    private let settings: [String: String]
    private let running = Mutex<[Node]>([])

    /// Those that were started and not killed.
    var nodes: [Node] { running.withLock { $0 } }

    private init(_ server: PostgreSQLServer, _ host: MailHost, _ settings: [String: String]) {
        self.server = server
        self.host = host
        self.settings = settings
    }

    static func start(_ count: Int, host: MailHost, settings: [String: String] = [:]) async throws -> Cluster {
        // Of its own: it is going to be restarted.
        let cluster = Cluster(try await PostgreSQLServer.start(), host, settings)
        for _ in 0..<count { try await cluster.add() }
        return cluster
    }

    /// Starts a further node.
    @discardableResult
    func add() async throws -> Node {
        let line = try LoopbackProxy(.forward(to: server.port))
        let folder = try TemporaryFolder("node", inMemory: true)
        let process = try await MailbridgeProcess.start(
            data: folder,
            settings: [
                "MAILBRIDGE_DATABASE": server.url(port: line.port), "MAILBRIDGE_LOG_LEVEL": "info",
                "MAILBRIDGE_SECRET_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "MAILBRIDGE_POLL_INTERVAL": "5",
            ].merging(self.settings) { $1 })
        let node = Node(process: process, line: line, folder: folder)
        running.withLock { $0.append(node) }
        return node
    }

    /// The submissions whose final dot this node may have sent without having noted an answer; asked when it can note nothing more,
    /// and before the others take it for dead.
    func inDoubt(of id: String) async throws -> Set<String> {
        let rows = try await server.query(
            "SELECT id FROM submissions WHERE locked_by = '\(id)' AND phase = 'in-doubt'")
        return Set(rows.split(separator: "\n").map(String.init))
    }

    func remove(_ node: Node) { running.withLock { $0.removeAll { $0.process === node.process } } }

    func stop() async throws {
        for node in nodes {
            try await node.process.stop()
            node.line.stop()
        }
        try await server.stop()
    }

    /// Waits until this node lists so many, which have all accounts among them.
    func settled(_ count: Int, accounts: Int, as seenBy: Node, within limit: Duration = .seconds(60)) async throws {
        try await eventually("\(count) nodes share \(accounts) accounts", within: limit) {
            try? await seenBy.api.get("/v1/nodes").expecting(200)["data"].array.map { $0["accounts"].int ?? 0 }
        } until: { parts in
            guard let parts, parts.count == count, parts.reduce(0, +) == accounts else { return false }
            return parts.allSatisfy { $0 <= (accounts + count - 1) / count }
        }
    }
}
