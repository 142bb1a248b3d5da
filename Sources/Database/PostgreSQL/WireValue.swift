import CPostgreSQL

/// Values in PostgreSQL's binary format, which needs neither quoting nor hexadecimal.
enum WireValue {
    // Of pg_type.dat: they are the same in every version.
    static let int8: Oid = 20
    static let text: Oid = 25
    static let bytea: Oid = 17
    static let float8: Oid = 701

    /// What a value is declared as; 0 lets the server infer, for null.
    static func type(of value: SQLValue) -> Oid {
        switch value {
        case .null: 0
        case .integer: int8
        case .real: float8
        case .text: text
        case .blob: bytea
        }
    }

    /// Appends the octets of a value that is not null.
    static func append(_ value: SQLValue, to octets: inout [UInt8]) {
        switch value {
        case .null: break
        case .integer(let number): append(UInt64(bitPattern: number), to: &octets)
        case .real(let number): append(number.bitPattern, to: &octets)
        case .text(let text): octets.append(contentsOf: text.utf8)
        case .blob(let blob): octets.append(contentsOf: blob)
        }
    }

    private static func append(_ bits: UInt64, to octets: inout [UInt8]) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
    }

    /// Reads a field of a result; `column` is for the error.
    static func value(
        _ octets: UnsafeRawBufferPointer, type: Oid, column: String
    ) throws(PostgreSQLFault) -> SQLValue {
        switch type {
        case int8, 23, 21, 26:
            // int8, int4, int2, oid: big-endian, as long as they are.
            guard octets.count <= 8, let first = unsafe octets.first else { break }
            let unused = 64 - octets.count * 8
            let shifted = Int64(bitPattern: unsafe bits(octets) << unused)
            return .integer(
                type != 26 && first >= 0x80 ? shifted >> unused : Int64(truncatingIfNeeded: unsafe bits(octets)))
        case 16: return unsafe .integer(octets.first == 0 ? 0 : 1)
        case text, 1043, 1042, 19, 705, 114: return unsafe .text(String(decoding: octets, as: UTF8.self))
        // void: what a function returns that is called for what it does.
        case 2278: return .null
        case bytea: return unsafe .blob(Array(octets))
        case float8:
            guard octets.count == 8 else { break }
            return .real(Double(bitPattern: unsafe bits(octets)))
        // What SUM makes of integers.
        case 1700: if let number = unsafe integer(ofNumeric: octets) { return .integer(number) }
        default: break
        }
        throw .unreadable(.column(column, problem: "has a type that is not read here (oid \(type))"))
    }

    private static func bits(_ octets: UnsafeRawBufferPointer) -> UInt64 {
        unsafe octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A whole number of type numeric: its digits in base 10,000, the weight of the first, and its sign; nil for others.
    private static func integer(ofNumeric octets: UnsafeRawBufferPointer) -> Int64? {
        func word(_ index: Int) -> Int64 { Int64(unsafe octets[index * 2]) << 8 | Int64(unsafe octets[index * 2 + 1]) }
        guard octets.count >= 8, word(0) >= 0, octets.count == 8 + Int(word(0)) * 2 else { return nil }
        let (count, weight, sign) = (word(0), Int64(Int16(truncatingIfNeeded: word(1))), word(2))
        guard count <= weight + 1, weight < 5 else { return nil }
        var result: Int64 = 0
        for place in 0..<max(weight + 1, 0) {
            let (shifted, isTooLarge) = result.multipliedReportingOverflow(by: 10_000)
            let (sum, isTooMuch) = shifted.addingReportingOverflow(place < count ? word(4 + Int(place)) : 0)
            guard !isTooLarge, !isTooMuch else { return nil }
            result = sum
        }
        return sign == 0 ? result : sign == 0x4000 ? -result : nil
    }
}
