import Accounts
import Foundation
import HTTPClient
import MailServers
import Server
import Testing
import Transport

/// Files that a domain publishes, fetched from Python's web server.
@Suite(.timeLimit(.minutes(1))) struct ConfigurationFileTests {
    private static let program = """
        import http.server, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def do_GET(self):
                path = self.path.split("?")[0]
                if path == "/config.xml": return self.answer(200, b"<clientConfig/>")
                if path == "/moved": return self.answer(302, b"", "/config.xml?x=1")
                if path == "/circle": return self.answer(301, b"", "/circle")
                if path == "/inside": return self.answer(302, b"", "http://169.254.169.254/latest")
                if path == "/nowhere": return self.answer(302, b"")
                if path == "/large": return self.answer(200, b" " * 200000)
                self.answer(404, b"no")
            def answer(self, status, body, location=None):
                self.send_response(status)
                if location: self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print("PORT", server.server_port, flush=True)
        import threading
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """

    private func withServer(
        allowsLocal: Bool = true,
        _ body: (String, (String) async throws -> [UInt8]) async throws -> Void
    ) async throws {
        let child = try ChildProcess([try Command.locate("python3"), "-c", Self.program])
        defer { child.closeInput() }
        let line = try child.output.waitForLine(containing: "PORT ", seconds: 30)
        let port = try #require(line.split(separator: " ").last)
        let loops = try EventLoopGroup(loops: 1)
        let files = ConfigurationFiles(loops: loops, addresses: AddressPolicy(allowsLocal: allowsLocal))
        try await body("http://127.0.0.1:\(port)") { url in
            try await files.content(of: url, until: .now + .seconds(10))
        }
        await files.close()
    }

    @Test func `a file is read, also behind a redirect`() async throws {
        try await withServer { base, fetch in
            for path in ["/config.xml", "/moved"] {
                let octets = try await fetch(base + path)
                #expect(octets == Array("<clientConfig/>".utf8))
            }
        }
    }

    @Test func `what is no file says why`() async throws {
        try await withServer { base, fetch in
            await #expect(throws: DiscoveryFault("HTTP 404")) { try await fetch(base + "/none") }
            await #expect(throws: DiscoveryFault("too many redirects")) { try await fetch(base + "/circle") }
            await #expect(throws: DiscoveryFault("a redirect to nowhere")) { try await fetch(base + "/nowhere") }
            await #expect(throws: DiscoveryFault("the file is too long, or broke off")) {
                try await fetch(base + "/large")
            }
            await #expect(throws: DiscoveryFault.self) { try await fetch("ftp://x/") }
        }
    }

    @Test func `no address is called that a stranger must not make us call`() async throws {
        try await withServer { base, fetch in
            // Link-local ones never, whoever leads there.
            let fault = await #expect(throws: DiscoveryFault.self) { try await fetch(base + "/inside") }
            #expect(fault?.text.contains("address") == true)
        }
        try await withServer(allowsLocal: false) { base, fetch in
            let fault = await #expect(throws: DiscoveryFault.self) { try await fetch(base + "/config.xml") }
            #expect(fault?.text.contains("address") == true)
        }
    }
}
