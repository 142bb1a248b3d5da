import Crypto
import FoundationEssentials

/// Where a sealed value stands.
///
/// It is authenticated with the value, so that a value moved elsewhere does not open.
package struct SealedPlace: Sendable, Equatable, CustomStringConvertible {
    package var table: String
    package var row: String
    package var column: String

    package init(table: String, row: String, column: String) {
        self.table = table
        self.row = row
        self.column = column
    }

    package var description: String { "\(table)/\(row)/\(column)" }

    /// Each part with its length before it, so that no two places have the same octets.
    var octets: [UInt8] {
        var octets = Array("mailbridge sealed 1".utf8)
        for part in [table, row, column] {
            octets.append(contentsOf: bigEndianOctets(UInt32(part.utf8.count)))
            octets.append(contentsOf: part.utf8)
        }
        return octets
    }
}

/// Seals and opens what must not be read by who only has the database: AES-256-GCM under data keys.
///
/// A sealed value is `1, key id (4), nonce (12), ciphertext, tag (16)`. Each place has a key of its own, derived by HKDF-SHA-256 from
/// the data key and the place: a random nonce then never meets another one under the same key in a store's life, and
/// the bound of 2³² values under one AES-GCM key (NIST SP 800-38D, section 8.3) is out of reach.
package struct Sealer: Sendable {
    private static let version: UInt8 = 1
    static let headerCount = 5
    private static let overhead = headerCount + 12 + 16

    private let ring: KeyRing

    init(ring: KeyRing) { self.ring = ring }

    init(keys: [UInt32: SymmetricKey], current: UInt32) { self.init(ring: KeyRing(keys: keys, current: current)) }

    /// With one data key of 32 octets.
    package init(dataKey octets: [UInt8], id: UInt32) throws(StoreError) {
        guard octets.count == 32 else { throw .unreadable("data_keys") }
        self.init(keys: [id: SymmetricKey(data: octets)], current: id)
    }

    package func seal(_ content: [UInt8], at place: SealedPlace) throws(StoreError) -> [UInt8] {
        let (id, dataKey) = ring.sealing
        let header = Self.header(of: id)
        let octets = place.octets
        do {
            let box = try AES.GCM.seal(
                content, using: dataKey.derived(for: octets), authenticating: header + octets)
            var sealed = header
            sealed.reserveCapacity(content.count + Self.overhead)
            sealed.append(contentsOf: box.nonce)
            sealed.append(contentsOf: box.ciphertext)
            sealed.append(contentsOf: box.tag)
            return sealed
        } catch {
            throw .tampered(place.description)
        }
    }

    package func open(_ sealed: [UInt8], at place: SealedPlace) throws(StoreError) -> [UInt8] {
        guard sealed.count >= Self.overhead, sealed[0] == Self.version else { throw .tampered(place.description) }
        let header = Array(sealed[..<Self.headerCount])
        let id = header[1...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard let dataKey = ring.key(id) else { throw .unknownDataKey(id) }
        let octets = place.octets
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[Self.headerCount...])
            return try Array(AES.GCM.open(box, using: dataKey.derived(for: octets), authenticating: header + octets))
        } catch {
            throw .tampered(place.description)
        }
    }

    /// What every value begins with that is sealed by this data key.
    static func header(of id: UInt32) -> [UInt8] { [version] + bigEndianOctets(id) }
}

extension Sealer: CustomStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

func bigEndianOctets(_ value: UInt32) -> [UInt8] {
    [
        UInt8(truncatingIfNeeded: value >> 24), UInt8(truncatingIfNeeded: value >> 16),
        UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value),
    ]
}
