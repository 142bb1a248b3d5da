import Foundation

/// Leads connections to a server and ends them, in both directions at once, after so many octets of one side.
package final class CuttingProxy: Sendable {
    /// Whose octets are counted.
    package enum Side: Sendable {
        case client
        case server
    }

    package let port: UInt16
    private let listener: LoopbackListener

    package init(to target: UInt16, after octets: Int, of side: Side) throws {
        listener = try LoopbackListener()
        port = listener.port
        let listener = listener
        Thread.detachNewThread {
            while let client = listener.accept() {
                Thread.detachNewThread {
                    guard let server = try? SocketStream(port: target, timeout: 120) else {
                        return client.resetOnClose()
                    }
                    let end: @Sendable () -> Void = {
                        client.interrupt()
                        server.interrupt()
                    }
                    Thread.detachNewThread {
                        Self.pump(from: server, to: client, atMost: side == .server ? octets : .max)
                        end()
                    }
                    Self.pump(from: client, to: server, atMost: side == .client ? octets : .max)
                    end()
                }
            }
        }
    }

    deinit { stop() }

    package func stop() { listener.stop() }

    private static func pump(from source: SocketStream, to sink: SocketStream, atMost limit: Int) {
        var left = limit
        while left > 0, let bytes = try? source.read(atMost: min(left, 65_536)), !bytes.isEmpty {
            guard (try? sink.send(bytes)) != nil else { return }
            left -= bytes.count
        }
    }
}
