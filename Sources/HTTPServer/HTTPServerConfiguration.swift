package import HTTP
package import Transport

/// Where the server listens, and how much patience it has.
package struct HTTPServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes a free one; `HTTPServer.address` says which.
    package var port: UInt16 = 0
    /// Nil speaks plain HTTP.
    package var tls: TLSServerConfiguration?
    package var limits = HTTPLimits()
    /// Connections served at once; those beyond get 503 and are closed.
    package var maximumConnections = 10_000
    /// From the first octet of a head to its last, and from the start of a connection to its first octet.
    package var headTimeout = Duration.seconds(10)
    package var handshakeTimeout = Duration.seconds(10)
    /// Without an octet of a body that the handler waits for.
    package var bodyTimeout = Duration.seconds(30)
    /// Octets a second of a body, counted over the time spent waiting for it once that passed `bodyTimeout`.
    package var minimumBodyRate = 240
    /// Between requests.
    package var idleTimeout = Duration.seconds(75)
    /// In which the client must take the next 64 kB of a response.
    package var writeTimeout = Duration.seconds(30)
    /// How long a request may still be served when its client closed its sending side and nothing is written.
    ///
    /// TCP does not tell a client that is gone from one that has just nothing more to say: this is how long we believe in
    /// the second.
    package var halfCloseGrace = Duration.seconds(10)
    /// How often a long-running request looks whether its client is still there.
    package var clientCheckInterval = Duration.milliseconds(500)
    /// For requests in flight when the server stops; then they are cancelled.
    package var drainTimeout = Duration.seconds(20)
    /// For a client to read the answer to a request that was cut off, before the connection is closed.
    package var lingerTimeout = Duration.seconds(2)
    /// Whether each request is a log line.
    package var logsRequests = true

    package init() {}
}
