import Accounts
import Model
import Synchronization
import Testing

/// What is found out about an address, from a world that is made up.
@Suite struct DiscoveryTests {
    /// What name servers, web servers and mail servers say.
    private struct World: Sendable {
        var services: [String: [ServiceRecord]] = [:]
        var exchanges: [String] = []
        var files: [String: String] = [:]
        var open: Set<String> = []

        func discover(_ email: String, within time: Duration = .seconds(10)) async throws -> Discovery {
            try await DiscoveryService(sources: sources).discover(email, deadline: .now + time)
        }

        private var sources: DiscoverySources {
            DiscoverySources(
                services: { name, _ throws(DiscoveryFault) in services[name] ?? [] },
                mailExchanges: { _, _ throws(DiscoveryFault) in exchanges },
                file: { url, _ throws(DiscoveryFault) in
                    guard let text = files[url.split(separator: "?").first.map(String.init) ?? ""] else {
                        throw DiscoveryFault("HTTP 404")
                    }
                    return Array(text.utf8)
                },
                probe: { _, endpoint, _ in
                    open.contains("\(endpoint.host):\(endpoint.port)") ? nil : DiscoveryFault("refused")
                })
        }
    }

    private static let file = """
        <?xml version="1.0"?>
        <!-- a comment -->
        <clientConfig version="1.1">
          <emailProvider id="example.org">
            <domain>example.org</domain>
            <incomingServer type="imap">
              <hostname>IN.example.net</hostname><port>993</port><socketType>SSL</socketType>
              <username>%EMAILLOCALPART%&amp;%EMAILDOMAIN%</username>
              <authentication>OAuth2</authentication><authentication>password-cleartext</authentication>
            </incomingServer>
            <incomingServer type="pop3">
              <hostname>in.example.net</hostname><port>995</port><socketType>SSL</socketType>
              <username>%EMAILADDRESS%</username>
            </incomingServer>
            <incomingServer type="imap">
              <hostname>plain.example.net</hostname><port>143</port><socketType>plain</socketType>
            </incomingServer>
            <outgoingServer type="smtp">
              <hostname><![CDATA[out.example.net]]></hostname><port> 587 </port><socketType>STARTTLS</socketType>
            </outgoingServer>
            <incomingServer type="exchange"><hostname>x</hostname><port>443</port></incomingServer>
          </emailProvider>
        </clientConfig>
        """

    @Test func `a configuration file of the domain is believed first`() async throws {
        var world = World()
        world.files["https://autoconfig.example.org/mail/config-v1.1.xml"] = Self.file
        world.services["_imaps._tcp.example.org"] = [
            ServiceRecord(priority: 0, weight: 1, port: 993, target: "srv.example.org")
        ]
        world.open = ["in.example.net:993", "in.example.net:995", "out.example.net:587", "srv.example.org:993"]
        let found = try await world.discover("jane@Example.org")
        let imap = try #require(found.proposal(.imap))
        #expect(imap.endpoint == ServerEndpoint(host: "in.example.net", port: 993, security: .tls))
        #expect(imap.username == "jane&Example.org" && imap.origin == .autoconfig)
        #expect(imap.evidence == "https://autoconfig.example.org/mail/config-v1.1.xml")
        #expect(imap.authentication == ["OAuth2", "password-cleartext"])
        #expect(found.proposal(.pop3)?.username == "jane@Example.org")
        #expect(
            found.proposal(.smtp)?.endpoint == ServerEndpoint(host: "out.example.net", port: 587, security: .starttls))
        #expect(!found.candidates.contains { $0.endpoint.host == "plain.example.net" })
        #expect(found.candidates.contains { $0.endpoint.host == "srv.example.org" && $0.origin == .srv })
        let asked = found.sources.first { $0.place == "_pop3s._tcp.example.org" }
        #expect(asked?.servers == 0)
    }

    @Test func `SRV records are taken by priority and weight, and a dot means no`() async throws {
        var world = World()
        world.services["_imaps._tcp.example.org"] = [
            ServiceRecord(priority: 10, weight: 0, port: 1993, target: "third.example.org"),
            ServiceRecord(priority: 0, weight: 5, port: 2993, target: "second.example.org"),
            ServiceRecord(priority: 0, weight: 50, port: 3993, target: "first.example.org"),
        ]
        world.services["_pop3s._tcp.example.org"] = [ServiceRecord(priority: 0, weight: 0, port: 0, target: "")]
        let found = try await world.discover("jane@example.org")
        #expect(found.candidates.map(\.endpoint.port) == [3993, 2993, 1993])
        // Nobody answers, but it was published.
        #expect(found.proposal(.imap)?.endpoint.host == "first.example.org")
        #expect(found.proposal(.pop3) == nil && found.proposal(.smtp) == nil)
        world.open = ["third.example.org:1993"]
        #expect(try await world.discover("jane@example.org").proposal(.imap)?.endpoint.host == "third.example.org")
    }

    @Test func `the provider behind the MX is asked`() async throws {
        var world = World()
        world.exchanges = ["mx1.mail.hosting.example"]
        world.files["https://autoconfig.hosting.example/mail/config-v1.1.xml"] = Self.file
        world.open = ["in.example.net:993"]
        let found = try await world.discover("jane@example.org")
        #expect(found.proposal(.imap)?.origin == .mxAutoconfig)
        #expect(found.sources.contains { $0.place == "https://autoconfig.mail.hosting.example/mail/config-v1.1.xml" })
        #expect(!found.sources.contains { $0.origin == .mxAutoconfig && $0.place.hasPrefix("http:") })
    }

    /// `autoconfig.co.uk` can be had by anybody: all whose mail is received below `co.uk` would be led to him.
    @Test(arguments: [
        ("mail.example.co.uk", "example.co.uk", []), ("mx.hoster.co.uk", "example.org", ["hoster.co.uk"]),
        ("hoster.co.uk", "example.org", []),
        ("mx.a.b.hoster.com.br", "example.org", ["a.b.hoster.com.br", "b.hoster.com.br"]),
        ("mx.example.org", "mail.example.org", []),
        ("mx1.mail.hosting.example", "example.org", ["mail.hosting.example", "hosting.example"]),
        ("mx.hoster.asso.fr", "example.org", ["hoster.asso.fr"]),
    ])
    func `whoever receives the mail is asked, and no public suffix`(
        exchange: String, domain: String, providers: [String]
    ) async throws {
        var world = World()
        world.exchanges = [exchange]
        let found = try await world.discover("jane@\(domain)")
        let asked = found.sources.filter { $0.origin == .mxAutoconfig }.map(\.place)
        #expect(
            asked
                == providers.flatMap {
                    [
                        "https://autoconfig.\($0)/mail/config-v1.1.xml",
                        "https://\($0)/.well-known/autoconfig/mail/config-v1.1.xml",
                    ]
                })
    }

    /// Whoever is on the way can write what comes without TLS.
    @Test func `a file without TLS counts less than anything else that is published`() async throws {
        var world = World()
        world.files["http://autoconfig.example.org/mail/config-v1.1.xml"] = Self.file
        world.services["_imaps._tcp.example.org"] = [
            ServiceRecord(priority: 0, weight: 1, port: 993, target: "srv.example.org")
        ]
        world.open = ["in.example.net:993", "srv.example.org:993", "imap.example.org:993"]
        let found = try await world.discover("jane@example.org")
        let imap = found.candidates.filter { $0.mailProtocol == .imap && $0.isReachable }.map(\.endpoint.host)
        #expect(imap == ["srv.example.org", "in.example.net", "imap.example.org"])
    }

    @Test func `a directory is asked where one is named, of the domain and of its provider`() async throws {
        let asked = Mutex<[String]>([])
        let sources = DiscoverySources(
            services: { _, _ throws(DiscoveryFault) in [] },
            mailExchanges: { _, _ throws(DiscoveryFault) in ["mx.hosting.example"] },
            file: { url, _ throws(DiscoveryFault) in
                asked.withLock { $0.append(url) }
                guard url == "https://directory.test/v1/hosting.example" else { throw DiscoveryFault("HTTP 404") }
                return Array(Self.file.utf8)
            }, probe: { _, _, _ in nil })
        let service = DiscoveryService(sources: sources, directory: "https://directory.test/v1/")
        let found = try await service.discover("jane@example.org", deadline: .now + .seconds(5))
        #expect(found.proposal(.imap)?.origin == .directory)
        #expect(asked.withLock { $0 }.contains("https://directory.test/v1/example.org"))
        #expect(asked.withLock { $0 }.filter { $0.contains("directory.test") }.allSatisfy { !$0.contains("jane") })
    }

    @Test func `records that name no host are left out`() async throws {
        var world = World()
        world.services["_imaps._tcp.example.org"] = [
            ServiceRecord(priority: 0, weight: 1, port: 993, target: "a b.example.org"),
            ServiceRecord(priority: 0, weight: 1, port: 993, target: "evil.example/path"),
            ServiceRecord(priority: 1, weight: 1, port: 993, target: "Good.example.org"),
        ]
        world.exchanges = ["mx/../x.example"]
        let found = try await world.discover("jane@example.org")
        #expect(found.candidates.map(\.endpoint.host) == ["good.example.org"])
    }

    @Test func `usual names are tried, and only those that answer are shown`() async throws {
        var world = World()
        world.exchanges = ["mx.example.org"]
        world.open = ["mail.example.org:993", "mx.example.org:465", "pop.example.org:995"]
        let found = try await world.discover("jane@example.org")
        #expect(Set(found.candidates.map { "\($0.endpoint.host):\($0.endpoint.port)" }) == world.open)
        #expect(found.candidates.allSatisfy { $0.origin == .guess && $0.isReachable })
    }

    @Test func `the address is not told to a file server that speaks no TLS`() async throws {
        let asked = Mutex<[String]>([])
        let sources = DiscoverySources(
            services: { _, _ throws(DiscoveryFault) in [] }, mailExchanges: { _, _ throws(DiscoveryFault) in [] },
            file: { url, _ throws(DiscoveryFault) in
                asked.withLock { $0.append(url) }
                throw DiscoveryFault("no")
            }, probe: { _, _, _ in DiscoveryFault("no") })
        _ = try await DiscoveryService(sources: sources).discover("jane+x@example.org", deadline: .now + .seconds(5))
        let urls = asked.withLock { $0 }
        #expect(urls.filter { $0.hasPrefix("http://") }.allSatisfy { !$0.contains("jane") })
        #expect(urls.contains { $0.hasSuffix("emailaddress=jane%2Bx%40example.org") })
    }

    @Test(arguments: [
        "", "<!DOCTYPE x [<!ENTITY a \"b\">]><clientConfig/>", "<clientConfig>", "<clientConfig>&a;</clientConfig>",
        "<clientConfig a=1/>", "<a><b></a></b>", "not xml", "<other/>", "<clientConfig><x y=\"<\"/></clientConfig>",
        String(repeating: "<a>", count: 100),
        "<clientConfig>" + String(repeating: "<a/>", count: 5_000) + "</clientConfig>",
        "<clientConfig>" + String(repeating: " ", count: 200_000) + "</clientConfig>",
    ])
    func `a file that is none is told, and harms nothing`(text: String) async throws {
        var world = World()
        world.files["https://autoconfig.example.org/mail/config-v1.1.xml"] = text
        let found = try await world.discover("jane@example.org")
        let source = found.sources.first { $0.place == "https://autoconfig.example.org/mail/config-v1.1.xml" }
        #expect(source?.servers == nil && source?.fault?.hasPrefix("the file") == true)
        #expect(found.candidates.isEmpty)
    }

    @Test(arguments: [
        "jane", "jane@", "@example.org", "jane@localnet", "jane@exämple.org", "a b@example.org",
        "jane@example.org/path", "jane@example.org?q", "jane@example.org#f", "jane@-_.example.org%2f",
    ])
    func `what is no address is refused`(email: String) async throws {
        await #expect(throws: AccountError.self) { try await World().discover(email) }
    }
}
