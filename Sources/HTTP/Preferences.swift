/// What a client prefers (RFC 7240): `wait` and `return` are those that we know.
package struct Preferences: Sendable, Equatable {
    /// RFC 7240, section 4.2.
    package enum Return: String, Sendable, Equatable {
        case minimal, representation
    }

    /// Seconds that the client is willing to wait.
    package private(set) var wait: Int?
    package private(set) var `return`: Return?
    package private(set) var respondsAsync = false

    /// Reads all values of `Prefer`.
    ///
    /// The first of two equal preferences counts (section 2); what is broken is ignored.
    package init(_ value: String?) {
        var scanner = FieldScanner(value ?? "")
        var elements = 0
        repeat {
            elements += 1
            scanner.skipBlanks()
            guard let name = scanner.takeToken() else { continue }
            scanner.skipBlanks()
            var argument = ""
            if scanner.take(0x3D) {
                scanner.skipBlanks()
                argument = scanner.takeTokenOrQuoted() ?? ""
            }
            _ = scanner.takeParameters()
            switch name.lowercased() {
            case "wait" where wait == nil: wait = Int(argument).flatMap { $0 >= 0 ? $0 : nil }
            case "return" where self.return == nil: self.return = Return(rawValue: argument.lowercased())
            case "respond-async": respondsAsync = true
            default: break
            }
        } while scanner.skipToNextElement() && elements < Bound.listElements
    }
}
