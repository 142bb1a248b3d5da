import Testing
import Transport

@Suite struct AddressTests {
    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::1", "::ffff:10.0.0.1", "0.0.0.0", "255.255.255.255"])
    func `prints what it reads`(text: String) { #expect(IPAddress(text)?.description == text) }

    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "[::1", "127.1", "1.2.3.4\u{0}5"])
    func `reads nothing else`(text: String) { #expect(IPAddress(text) == nil) }

    @Test func `looks through mapped addresses`() {
        #expect(IPAddress("::ffff:127.0.0.1")?.isLoopback == true)
        #expect(IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("::2")?.isLoopback == false)
        #expect(IPAddress("[::1]")?.octets == [UInt8](repeating: 0, count: 15) + [1])
        #expect(IPAddress("10.1.2.3")?.octets == [10, 1, 2, 3])
    }

    @Test func `families take turns and the first choice begins`() {
        let texts = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"]
        let addresses = texts.compactMap { IPAddress($0) }.map { SocketAddress($0, port: 25) }
        let order = Resolver.interleaved(addresses).map(\.ip.description)
        #expect(order == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"])
        #expect(Resolver.interleaved(addresses.reversed()).first?.ip.description == "192.0.2.2")
        #expect(Resolver.interleaved([]).isEmpty)
    }
}
