import Glibc

/// A server that answers with the small JSON reply, and says on its first line which port it took.
struct HTTPContestant: Sendable {
    let name: String
    let start: @Sendable () throws -> Child

    static let ours = HTTPContestant(name: "Mailbridge") {
        try Child([ownPath, HTTPTestServer.command])
    }

    /// Node's own `http`, which is one thread.
    static let node = HTTPContestant(name: "Node http") {
        try Child([
            "node", "-e",
            """
            const body = \(quotedReply)
            const server = require('http').createServer((request, response) => {
              response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)})
              response.end(body)
            })
            server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
            """,
        ])
    }

    /// Hummingbird, built outside of our tree: it must never become a dependency.
    static func hummingbird() throws -> HTTPContestant {
        let folder = cacheFolder + "/hummingbird-2.28.1"
        let product = folder + "/.build/release/Rival"
        if access(product, X_OK) != 0 {
            say("Building Hummingbird 2.28.1 in \(folder), once; this takes minutes …")
            guard try Child(["mkdir", "-p", folder + "/Sources/Rival"]).finish().succeeded else {
                throw Child.Failure(description: "\(folder) cannot be made")
            }
            try write(manifest, to: folder + "/Package.swift")
            try write(program, to: folder + "/Sources/Rival/main.swift")
            let build = try Child(["swift", "build", "-c", "release", "--package-path", folder]).finish()
            guard build.succeeded else {
                throw Child.Failure(description: build.lines.last { $0.contains("error") } ?? "its build fails")
            }
        }
        return HTTPContestant(name: "Hummingbird 2.28.1") { try Child([product]) }
    }

    private static let manifest = """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(
            name: "Rival", platforms: [.macOS(.v14)],
            dependencies: [.package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1")],
            targets: [
                .executableTarget(
                    name: "Rival", dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
            ])
        """

    private static let program = """
        import Glibc
        import Hummingbird
        import Logging

        var logger = Logger(label: "rival")
        logger.logLevel = .error
        let router = Router()
        let body = ByteBuffer(string: \(quotedReply))
        router.get("/v1/messages/:message") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print("port \\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            }, logger: logger)
        try await application.runService()
        """

    /// As a literal of Swift and of JavaScript.
    private static var quotedReply: String {
        "\"" + HTTPTestServer.reply.map { $0 == "\"" ? "\\\"" : String($0) }.joined() + "\""
    }

    private static var cacheFolder: String {
        let base = getenv("XDG_CACHE_HOME").map { String(cString: $0) }
        let home = getenv("HOME").map { String(cString: $0) } ?? "/tmp"
        return (base.flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.cache") + "/mailbridge-bench"
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Child.Failure(description: "\(path) cannot be written") }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}

/// The path of this program, to run it again.
var ownPath: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Says where we listen.
func announce(port: UInt16) {
    say("port \(port)")
}

/// Prints at once, also into a pipe.
func say(_ text: String) {
    print(text)
    fflush(nil)
}
