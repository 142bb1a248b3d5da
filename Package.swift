// swift-tools-version: 6.2

import PackageDescription

/// What the compiler forbids everywhere; tests need not mark unsafe code.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

func source(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], extra: [SwiftSetting] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude,
        swiftSettings: strict + [.strictMemorySafety()] + extra)
}

func test(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")

let package = Package(
    name: "mailbridge",
    products: [
        .executable(name: "mailbridge", targets: ["mailbridge"])
    ],
    dependencies: [
        // Command line: subcommands, help texts, validation.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // One logging interface for the whole program.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // AES-GCM, HKDF, HMAC, PBKDF2 and SHA-2: cryptography is not ours to write.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Signed tokens of identity providers: parsing keys and checking signatures is not ours to write.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        // SQLite, its connection pool and WAL handling.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Start-up, signals and ordered graceful shutdown.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Deque and heap for the event loop and the pools.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Reads openapi.yaml, so that /openapi.json is the same document.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries, each seen in one place (R5).
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("resolv")]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CIDN", pkgConfig: "libidn", providers: [.apt(["libidn-dev"])]),
        .target(name: "CGumbo", linkerSettings: [.linkedLibrary("gumbo")]),
        // The contract, embedded by the C compiler.
        .target(name: "COpenAPI", path: "openapi", exclude: ["README.md", "openapi.yaml"]),

        // Protocol code: bytes in, bytes and values out, no I/O (R1).
        source("Wire", [], extra: [.enableExperimentalFeature("Lifetimes")]),
        source("MIME", ["Wire", "CLinux"]),
        source("SASL", ["Wire", "CIDN", crypto, cryptoExtras]),
        source("IMAP", ["Wire", "SASL"], exclude: ["README.md"]),
        source("POP3", ["Wire", "SASL", crypto]),
        source("SMTP", ["Wire", "SASL"]),
        source("HTTP", ["Wire"]),
        source("SafeHTML", ["CGumbo", "Wire"]),
        source("DKIM", ["Wire", crypto, cryptoExtras]),

        // Sockets, and what stands directly on them.
        source("Transport", ["Wire", "CLinux", "COpenSSL", "CZlib"]),
        source("HTTPServer", ["HTTP", "Transport", "Wire", logging]),
        source("HTTPClient", ["HTTP", "Transport", "Wire"]),

        // The mail domain.
        source("Model", ["Wire"]),
        source("Representation", ["Model", "Wire"]),
        source("Metrics", []),
        source(
            "MailClient",
            [
                "Model", "MIME", "SASL", "IMAP", "POP3", "SMTP", "Transport", "Wire", logging,
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        source("Mapping", ["Model", "IMAP", "MIME", "Wire", crypto]),
        source("Database", ["CLinux", "CPostgreSQL", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "Store", dependencies: ["Database", "Model", "Representation", "Wire", crypto],
            resources: [
                .embedInCode("Migrations/v0001_first.sql"), .embedInCode("Migrations/v0002_events.sql"),
                .embedInCode("Migrations/v0003_webhooks.sql"),
                .embedInCode("Migrations/v0004_sync.sql"), .embedInCode("Migrations/v0005_queue.sql"),
                .embedInCode("Migrations/v0006_templates.sql"),
                .embedInCode("Migrations/v0007_pop3.sql"), .embedInCode("Migrations/v0008_nodes.sql"),
                .embedInCode("Migrations/v0009_identity.sql"),
                .embedInCode("Migrations/v0010_order.sql"),
                .embedInCode("Migrations/v0012_keys.sql"),
                .embedInCode("Migrations/v0014_maildrop_line.sql"),
                .embedInCode("Migrations/v0015_wanted.sql"),
                .embedInCode("Migrations/v0016_maildrop_nonce.sql"),
            ],
            swiftSettings: strict + [.strictMemorySafety()]),

        // Engines: they meet in Store, never each other (R2, R3).
        source("Accounts", ["Model", "Representation", "Store", "MailClient", "DKIM", "MIME", "Wire", crypto, jwt]),
        source(
            "RemoteMail",
            ["Model", "Representation", "Store", "MailClient", "Mapping", "IMAP", "POP3", "DKIM", "MIME", "Wire"]),
        source(
            "Sync",
            ["Model", "Store", "MailClient", "Mapping", "IMAP", "POP3", "MIME", "Representation", "Wire", logging]),
        source("Nodes", ["Model", "Store", logging]),
        source("Events", ["Model", "Store", "Wire"]),
        source("Outbox", ["Model", "Representation", "Store", "MailClient", "SMTP", "DKIM", "MIME", logging]),
        source(
            "Webhooks",
            [
                "Model", "Representation", "Store", "HTTP", "Wire", crypto, logging,
                .product(name: "DequeModule", package: "swift-collections"),
            ]),

        // The HTTP face, and the program.
        source(
            "API",
            [
                "Accounts", "RemoteMail", "Outbox", "Events", "Webhooks", "Metrics", "MailClient", "Model",
                "Representation",
                "HTTPServer", "HTTP", "COpenAPI", "SafeHTML", "Wire",
                logging, crypto,
                .product(name: "Yams", package: "Yams"),
            ]),
        source(
            "Server",
            [
                "API", "Accounts", "RemoteMail", "Sync", "Outbox", "Events", "Nodes", "Webhooks", "Metrics", "Store",
                "Database", "MailClient", "Mapping", "IMAP", "POP3", "HTTPServer", "HTTPClient", "HTTP", "SafeHTML",
                "CLinux",
                "Transport",
                "Model",
                "Representation", "Wire", crypto, logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "mailbridge",
            dependencies: [
                "Server", "Model", "Wire", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict + [.strictMemorySafety()]),

        // Tests.
        .target(name: "MailServers", dependencies: [crypto], path: "Tests/MailServers", swiftSettings: strict),
        .executableTarget(
            name: "MailServersTool", dependencies: ["MailServers"], path: "Tests/MailServersTool", swiftSettings: strict
        ),
        .target(
            name: "TestDatabases", dependencies: ["Database", "MailServers", "Model", "Store"],
            path: "Tests/TestDatabases", swiftSettings: strict),
        test("WireTests", ["Wire"]),
        test("MIMETests", ["MIME", "Wire"], resources: [.copy("Fixtures")]),
        test("SASLTests", ["SASL", "Wire"]),
        test("DKIMTests", ["DKIM", "MailServers", "Wire"], exclude: ["Fixtures"]),
        test("IMAPTests", ["IMAP", "SASL", "Wire"], resources: [.copy("Fixtures")]),
        test("POP3Tests", ["POP3", "SASL", "Wire"]),
        test("SMTPTests", ["SMTP", "SASL", "Wire"], resources: [.copy("Fixtures")]),
        test("HTTPTests", ["HTTP", "Wire"]),
        test("SafeHTMLTests", ["SafeHTML", "Wire"], resources: [.copy("Fixtures")]),
        test("TransportTests", ["Transport", "Wire"]),
        test("HTTPServerTests", ["HTTPServer", "HTTP", "Transport", "Wire", logging]),
        test("HTTPClientTests", ["HTTPClient", "HTTP", "MailServers", "Transport", "Wire"]),
        test("MailClientTests", ["MailClient", "Model", "IMAP", "MIME", "POP3", "SMTP", "Transport", "Wire"]),
        test("RepresentationTests", ["Representation", "Model", "Wire"]),
        test("MetricsTests", ["Metrics"]),
        test("EventsTests", ["TestDatabases", "MailServers", "Events", "Store", "Database", "Model", "Wire"]),
        // Commits are looked at together with what the sync announces of them.
        test(
            "StoreTests",
            [
                "TestDatabases", "MailServers", "Store", "Nodes", "Sync", "Database", "Model", "Representation", "Wire",
                crypto, logging,
            ]),
        test(
            "AccountsTests",
            [
                "TestDatabases", "MailServers", "Accounts", "Store", "Database", "MailClient", "Model", "Wire", jwt,
                cryptoExtras,
            ]),
        test(
            "WebhooksTests",
            [
                "TestDatabases", "MailServers", "Webhooks", "Store", "Database", "Model", "Representation", "HTTP",
                "Wire", logging,
            ]),
        test("SyncTests", ["Sync", "Store", "Mapping", "IMAP", "Representation", "Model"]),
        test("OutboxTests", ["Outbox", "Store", "MailClient", "MIME", "SMTP", "Model"]),
        test("MappingTests", ["Mapping", "IMAP", "MIME", "Model"]),
        test(
            "RemoteMailTests",
            [
                "RemoteMail", "Mapping", "MailClient", "MailServers", "Store", "Database", "Transport", "IMAP", "MIME",
                "Model", "Wire",
            ]),
        test("ServerTests", ["Server", "Accounts", "HTTPClient", "MailServers", "Transport", "Wire"]),
        test(
            "APITests",
            [
                "API", "Accounts", "RemoteMail", "Outbox", "Events", "Webhooks", "Store", "Metrics", "MailClient",
                "Model",
                "Representation", "HTTP",
                "HTTPServer",
                "Transport", "Wire", logging, crypto, .product(name: "Yams", package: "Yams"),
            ]),
        test(
            "IntegrationTests",
            [
                "TestDatabases", "MailServers", "MailClient", "IMAP", "SMTP", "Accounts", "RemoteMail", "Outbox",
                "Sync", "Model",
                "Transport", "Store", logging,
                "Database", "Wire",
            ], exclude: ["scramimap.py"]),
        .target(
            name: "ParserProbes",
            dependencies: ["IMAP", "POP3", "SASL", "SMTP", "HTTP", "MIME", "SafeHTML", "Representation", "Wire"],
            path: "Tests/ParserProbes", swiftSettings: strict),
        test("MutationTests", ["ParserProbes"]),
        .testTarget(
            name: "BrowserTests", dependencies: ["SafeHTML"], exclude: ["browser.py"], swiftSettings: strict),
        test(
            "EndToEndTests", ["MailServers"],
            exclude: [
                "Contract", "Events/eventsource.py", "Identity/browser.py", "Maildrop/oddpop.py", "Sync/imapclient.py",
                "README.md",
                "Webhooks/receiver.py",
            ]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "HTTPServer", "HTTPClient", "HTTP", "MailClient", "MailServers", "IMAP", "Model", "Store", "Database",
                "Webhooks", "Transport", "Wire", logging,
            ],
            path: "Tests/Benchmarks", exclude: ["size.sh"], swiftSettings: strict),
    ]
)

// `make fuzz` alone asks for this: it links libFuzzer, which all code has to be instrumented for.
if Context.environment["MAILBRIDGE_FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["ParserProbes"], path: "Tests/Fuzz", exclude: ["fuzz.sh"],
            swiftSettings: strict))
}
