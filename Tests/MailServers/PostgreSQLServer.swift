import Foundation
import Glibc
import Synchronization

/// A real PostgreSQL on loopback, with its data in memory where that has room: a sync costs nothing, and loses nothing while the
/// machine runs.
///
/// It stops with the value or with the process. Anybody on 127.0.0.1 may connect; the user `secure` needs TLS and its password.
package final class PostgreSQLServer: Sendable {
    package static let password = "correct horse"

    package let port: UInt16
    package let authority: CertificateAuthority
    private let folder: TemporaryFolder
    private let tls: TemporaryFolder
    private let supervisor: Supervisor
    private let lastSchema = Mutex(0)

    /// One server for all tests of the process that need nothing special, started by the first of them.
    package static func shared() async throws -> PostgreSQLServer { try await sharedServer.value }

    private static let sharedServer = Task(name: "shared PostgreSQL") { try await PostgreSQLServer.start() }

    /// Starts a server and returns when it accepts connections; `settings` are lines of `postgresql.conf`.
    ///
    /// With its data on a disk each commit waits for that, as in earnest.
    package static func start(settings: String = "", inMemory: Bool = true) async throws -> PostgreSQLServer {
        try await onThread { try LoopbackPort.retrying(1) { try PostgreSQLServer(settings, inMemory, port: $0[0]) } }
    }

    private init(_ settings: String, _ inMemory: Bool, port: UInt16) throws {
        self.port = port
        tls = try TemporaryFolder("postgresql-tls")
        authority = try CertificateAuthority(in: tls)
        folder = try TemporaryFolder("postgresql", isGuarded: false, inMemory: inMemory)
        let programs = try Self.programs()
        let (folder, identity) = (folder, authority.identity(.none))
        do {
            try folder.write(Self.password + "\n", to: "password")
            try folder.write(
                """
                listen_addresses = '127.0.0.1'
                port = \(port)
                unix_socket_directories = ''
                max_connections = 400
                shared_buffers = 64MB
                max_wal_size = 256MB
                ssl = on
                ssl_cert_file = '\(folder("server.pem"))'
                ssl_key_file = '\(folder("server.key"))'
                log_line_prefix = '%m [%p] '
                log_min_duration_statement = 2000
                \(settings)

                """, to: "tests.conf")
            try folder.write(
                """
                hostssl all secure 127.0.0.1/32 scram-sha-256
                host all secure 127.0.0.1/32 reject
                host all all 127.0.0.1/32 trust

                """, to: "pg_hba.conf")
        } catch {
            folder.remove()
            throw error
        }
        // It refuses to be started by root.
        let runner = "runuser -u postgres --"
        let start = """
            cp '\(identity.certificate)' "$FOLDER/server.pem" && cp '\(identity.key)' "$FOLDER/server.key" \
            && chmod 600 "$FOLDER/server.key" && chown -R postgres "$FOLDER" \
            && cd "$FOLDER" \
            && \(runner) \(programs)/initdb -D "$FOLDER/data" -U mailbridge --auth=trust --no-sync --no-instructions \
                --encoding=UTF8 --locale=C --pwfile=password >initdb.log \
            && \(runner) cp pg_hba.conf data/pg_hba.conf \
            && echo "include '$FOLDER/tests.conf'" >>data/postgresql.conf \
            && \(runner) \(programs)/pg_ctl -D "$FOLDER/data" -w -t 60 -l "$FOLDER/postgresql.log" start \
            || { cat initdb.log postgresql.log >&2; exit 1; }
            """
        supervisor = try Supervisor(
            start: start, pidFile: folder("data/postmaster.pid"), folder: folder, signal: "QUIT")
        try Command.check([
            Command.locate("psql"), "-qX", "\(url())", "-c",
            "CREATE ROLE secure LOGIN PASSWORD '\(Self.password)'; GRANT ALL ON DATABASE postgres TO secure",
        ])
    }

    /// Where the server itself is; `options` are parameters of the URL.
    package func url(port: UInt16? = nil, user: String = "mailbridge", _ options: [String: String] = [:]) -> String {
        let text = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return "postgres://\(user)@127.0.0.1:\(port ?? self.port)/postgres" + (text.isEmpty ? "" : "?\(text)")
    }

    /// A name for a test's own database: a schema, which costs less, and which is still to be made.
    package func nextSchema() -> Schema {
        let number = lastSchema.withLock { last in
            last += 1
            return last
        }
        return schema(named: "t\(number)")
    }

    package func schema(named name: String) -> Schema { Schema(server: self, name: name) }

    /// An empty database of a test's own.
    package func newSchema() async throws -> Schema {
        let schema = nextSchema()
        try await query("CREATE SCHEMA \(schema.name)")
        return schema
    }

    /// What a test calls its database.
    package struct Schema: Sendable {
        package let server: PostgreSQLServer
        package let name: String

        /// `port` is that of a proxy.
        package func url(port: UInt16? = nil) -> String {
            server.url(port: port, ["options": "-csearch_path%3D\(name)"])
        }

        /// Runs SQL in it with psql and gives what that prints: values alone, with `|` between them.
        package func query(_ sql: String) async throws -> String {
            try await server.query("SET search_path = \(name); \(sql)")
        }

        package func drop() async throws {
            _ = try await server.query("SET client_min_messages = warning; DROP SCHEMA \(name) CASCADE")
        }
    }

    @discardableResult
    package func query(_ sql: String) async throws -> String {
        let url = url()
        return try await onThread {
            try Command.check([Command.locate("psql"), "-qXAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql])
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Stops it and starts it again: `fast` ends sessions in order, `immediate` is a crash with its recovery.
    package func restart(_ mode: String = "fast") async throws {
        try await control("-m", mode, "-w", "-t", "60", "-l", folder("postgresql.log"), "restart")
    }

    private func control(_ arguments: String...) async throws {
        let data = folder("data")
        try await onThread {
            let runner = getuid() == 0 ? ["runuser", "-u", "postgres", "--"] : Command.privilege + ["-u", "postgres"]
            try Command.check(runner + [Self.programs() + "/pg_ctl", "-D", data] + arguments)
        }
    }

    package func stop() async throws {
        let supervisor = supervisor
        try await onThread { try supervisor.stop() }
    }

    /// What the server has logged.
    package var log: String { folder.text(of: "postgresql.log") }

    /// Debian keeps one folder for each version.
    private static func programs() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap({ Int($0) }).max() else {
            return (try Command.locate("initdb") as NSString).deletingLastPathComponent
        }
        return "\(root)/\(newest)/bin"
    }
}
