import Glibc
import Testing
import Transport
import Wire

/// Questions to a name server that never answers.
@Suite(.timeLimit(.minutes(1))) struct NameServerTests {
    /// Takes what it is asked, and keeps silent.
    private final class MuteServer: Sendable {
        let port: UInt16
        private let descriptor: Int32

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let status = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
                }
            }
            try #require(status == 0)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }

        /// The first label of each question that has come.
        var asked: [String] {
            var names: [String] = []
            var octets = [UInt8](repeating: 0, count: 512)
            while case let count = recv(descriptor, &octets, octets.count, Int32(MSG_DONTWAIT)), count > 12 {
                names.append(String(decoding: octets[13..<13 + Int(octets[12])], as: UTF8.self))
            }
            return names
        }
    }

    @Test func `are not put any more once nobody waits for the answer`() async throws {
        let server = try MuteServer()
        let names = NameServer(SocketAddress(try #require(IPAddress("127.0.0.1")), port: server.port))
        let loop = try eventLoop()
        let late = await error {
            _ = try await names.records("late.test", .text, on: loop, deadline: .after(.milliseconds(-1)))
        }
        #expect(late == .deadlineExceeded(.resolve))
        let mute = await error { _ = try await names.records("mute.test", .text, on: loop, deadline: soon) }
        #expect(mute == .resolveFailed(.temporary))
        #expect(Set(server.asked) == ["mute"])
    }
}
