/// A statement with its values apart from its text, so that no value can become text.
///
/// It is written as a literal: `"SELECT name FROM accounts WHERE id = \(id)"` binds `id`. Another `SQL` in the interpolation is
/// inserted as it is, with its own binds. Text that comes from neither has to be labelled `unescaped:`.
package struct SQL: Sendable, Equatable {
    fileprivate enum Piece: Sendable, Equatable {
        case text(String)
        case bind(SQLValue)
    }

    private var pieces: [Piece]

    /// The text in a driver's own notation, and the values in the order of their marks.
    package func rendered(for dialect: Dialect) -> (text: String, binds: [SQLValue]) {
        var text = ""
        var binds: [SQLValue] = []
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .bind(let value):
                binds.append(value)
                text += dialect.mark(binds.count)
            }
        }
        return (text, binds)
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral value: StaticString) {
        pieces = [.text("\(value)")]
    }

    package init(stringInterpolation: Interpolation) {
        pieces = stringInterpolation.pieces
    }

    /// Collects the pieces of a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount * 2 + 1)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            pieces.append(.text("\(literal)"))
        }

        package mutating func appendInterpolation(_ value: some SQLBindable) {
            pieces.append(.bind(value.sqlValue))
        }

        /// Says to the compiler that an optional is meant; nil binds null.
        package mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) {
            pieces.append(.bind(value.sqlValue))
        }

        package mutating func appendInterpolation(_ fragment: SQL) {
            pieces.append(contentsOf: fragment.pieces)
        }

        /// A parenthesised list, for `IN`.
        ///
        /// An empty one is `(NULL)`, which no value equals.
        package mutating func appendInterpolation(list values: [some SQLBindable]) {
            pieces.append(.text("("))
            if values.isEmpty { pieces.append(.text("NULL")) }
            for (index, value) in values.enumerated() {
                if index > 0 { pieces.append(.text(", ")) }
                pieces.append(.bind(value.sqlValue))
            }
            pieces.append(.text(")"))
        }

        /// Parenthesised lists, for `VALUES`.
        package mutating func appendInterpolation(rows: [[SQLValue]]) {
            for (index, row) in rows.enumerated() {
                if index > 0 { pieces.append(.text(", ")) }
                appendInterpolation(list: row)
            }
        }

        /// Text that is not checked: never of anything that came from outside.
        package mutating func appendInterpolation(unescaped text: String) {
            pieces.append(.text(text))
        }
    }
}
