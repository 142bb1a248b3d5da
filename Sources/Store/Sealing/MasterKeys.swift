import Database
package import Wire

/// The keys of the settings: the first seals, all of them open, so that a key can be replaced while nodes run.
package struct MasterKeys: Sendable {
    package let first: MasterKey
    private let others: [MasterKey]

    package init(_ first: MasterKey, others: [MasterKey] = []) {
        self.first = first
        self.others = others
    }

    /// Reads keys of base64 with commas or white space between them.
    package init(base64 secret: Secret, source: String) throws(StoreError) {
        var keys: [MasterKey] = []
        for part in secret.utf8.split(whereSeparator: { $0 <= 0x20 || $0 == UInt8(ascii: ",") }) {
            keys.append(try MasterKey(base64: Secret(String(decoding: part, as: UTF8.self)), source: source))
        }
        guard let first = keys.first else { throw .masterKey(.malformed(source: source)) }
        self.init(first, others: Array(keys.dropFirst()))
    }

    package var all: [MasterKey] { [first] + others }

    func named(_ name: String) -> MasterKey? { all.first { $0.name == name } }

    /// These, and after them those of `known` that are not among them.
    func adding(_ known: MasterKeys) -> MasterKeys {
        let names = Set(all.map(\.name))
        return MasterKeys(first, others: others + known.all.filter { !names.contains($0.name) })
    }

    /// The keys of the settings: given themselves, else in a file, else in the data folder, where one is made on first start.
    ///
    /// `storeExists` keeps a lost key from being replaced by a new one that opens nothing.
    package static func load(
        setting: Secret?, file: String?, dataDirectory: String, storeExists: Bool
    ) throws -> MasterKeys {
        if let setting { return try MasterKeys(base64: setting, source: "MAILBRIDGE_SECRET_KEY") }
        if let file {
            guard let octets = try PrivateFile.read(file) else { throw StoreError.masterKey(.unreadable(path: file)) }
            return try MasterKeys(octetsOf: octets, path: file)
        }
        let path = dataDirectory + "/secret.key"
        if let octets = try PrivateFile.read(path) { return try MasterKeys(octetsOf: octets, path: path) }
        guard !storeExists else { throw StoreError.masterKey(.missing(path: path)) }
        let octets = RandomOctets.make(32)
        if try PrivateFile.create(path, content: Array((Base64.encode(octets) + "\n").utf8)) {
            return MasterKeys(try MasterKey(octets: octets))
        }
        // Another process made it in this moment.
        return try MasterKeys(octetsOf: PrivateFile.read(path) ?? [], path: path)
    }

    private init(octetsOf content: [UInt8], path: String) throws(StoreError) {
        try self.init(base64: Secret(String(decoding: content, as: UTF8.self)), source: path)
    }
}
