import Store
import Testing
import Wire

@Suite struct SealerTests {
    private static let place = SealedPlace(table: "credentials", row: "acc_1", column: "sealed")

    private static func sealer() throws -> Sealer { try Sealer(dataKey: Array(0..<32), id: 7) }

    private static func octets(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).compactMap {
            UInt8(hexadecimal.dropFirst($0).prefix(2), radix: 16)
        }
    }

    /// Made with Python's `cryptography`: HKDF-SHA-256 without salt, AES-256-GCM with the nonce 00…0b.
    private static let known = octets(
        "0100000007000102030405060708090a0be9e1bfc563e7b7bd3962558901644a59383cac2cfe40f7")

    @Test func `opens what another implementation sealed`() throws {
        #expect(try Self.sealer().open(Self.known, at: Self.place) == Array("hunter2".utf8))
    }

    @Test(arguments: [0, 1, 1000, 300_000])
    func `opens what it sealed`(count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sealed = try Self.sealer().seal(content, at: Self.place)
        #expect(sealed.count == count + 33)
        #expect(try Self.sealer().open(sealed, at: Self.place) == content)
    }

    @Test func `seals the same value differently each time`() throws {
        let sealer = try Self.sealer()
        #expect(try sealer.seal([1, 2, 3], at: Self.place) != sealer.seal([1, 2, 3], at: Self.place))
    }

    @Test(arguments: 0..<known.count)
    func `opens nothing that was changed in any octet`(_ index: Int) throws {
        var changed = Self.known
        changed[index] ^= 0x01
        // Octets 1 to 4 name the key, so that a change there names one that is not in the store.
        let expected: StoreError =
            (1...4).contains(index)
            ? .unknownDataKey(changed[1..<5].reduce(0) { $0 << 8 | UInt32($1) })
            : .tampered("credentials/acc_1/sealed")
        #expect(throws: expected) { try Self.sealer().open(changed, at: Self.place) }
    }

    @Test func `opens nothing that was cut`() throws {
        let sealer = try Self.sealer()
        for count in 0..<Self.known.count {
            let cut = Array(Self.known[..<count])
            #expect(throws: StoreError.tampered("credentials/acc_1/sealed")) { try sealer.open(cut, at: Self.place) }
        }
    }

    @Test(arguments: [
        SealedPlace(table: "credentials", row: "acc_2", column: "sealed"),
        SealedPlace(table: "tokens", row: "acc_1", column: "sealed"),
        SealedPlace(table: "credentials", row: "acc_1", column: "response"),
        SealedPlace(table: "credentialsa", row: "cc_1", column: "sealed"),
    ])
    func `opens nothing that was moved`(place: SealedPlace) throws {
        #expect(throws: StoreError.tampered(place.description)) { try Self.sealer().open(Self.known, at: place) }
    }

    @Test func `keys never print`() throws {
        let sealer = try Self.sealer()
        let key = try MasterKey(octets: Array(repeating: 0x41, count: 32))
        var dumped = ""
        dump(sealer, to: &dumped)
        dump(key, to: &dumped)
        #expect("\(sealer) \(key)" == "<secret> <secret>")
        #expect(Mirror(reflecting: sealer).children.isEmpty && Mirror(reflecting: key).children.isEmpty)
        #expect(!dumped.contains("AAAA") && !dumped.contains("SymmetricKey"))
    }
}
