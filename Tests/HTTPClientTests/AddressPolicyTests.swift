import HTTPClient
import Testing
import Transport

@Suite struct `Address policy` {
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1111",
        "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ])
    func `calls what is global`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.kind(of: address) == .global)
        #expect(AddressPolicy().allows(address))
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.0.1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "100.127.255.255", "198.18.0.1", "::1", "fc00::1", "fd12:3456::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::c0a8:101", "2002:7f00:1::1", "2002:a00:1::",
    ])
    func `calls what is local only where that is wanted`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(AddressPolicy(allowsLocal: true).allows(address))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255",
        "240.0.0.1", "192.0.0.192", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "100.100.100.200",
        "168.63.129.16", "::", "::2", "::7f00:1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
        "2001::1", "2001:1::1", "fd00:ec2::254", "fd20:ce::254", "100::1", "64:ff9b:1::1", "5f00::1",
        "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
    ])
    func `never calls what stands for something else`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(!AddressPolicy(allowsLocal: true).allows(address))
    }

    @Test func `judges a host that says its address itself, and leaves names to the dialler`() {
        let strict = AddressPolicy()
        for host in ["127.0.0.1", "::1", "169.254.169.254", "localhost", "localhost.", "a.localhost"] {
            #expect(strict.refusal(ofHost: host) != nil, "\(host)")
        }
        #expect(strict.refusal(ofHost: "example.org") == nil)
        #expect(strict.refusal(ofHost: "8.8.8.8") == nil)
        let open = AddressPolicy(allowsLocal: true)
        #expect(open.refusal(ofHost: "localhost") == nil && open.refusal(ofHost: "127.0.0.1") == nil)
        #expect(open.refusal(ofHost: "169.254.169.254") != nil)
    }
}
