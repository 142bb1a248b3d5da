package import Representation

/// Reads the members of one JSON object; a member that nobody asked for is a fault, so a typo never passes.
package struct ObjectReader {
    private let members: [JSONMember]
    private let pointer: String
    private let faults: FaultCollector
    private var known: [String] = []

    init(_ members: [JSONMember], at pointer: String, _ faults: FaultCollector) {
        self.members = members
        self.pointer = pointer
        self.faults = faults
    }

    /// The member, also where it is null: what a merge patch needs.
    package mutating func member(_ name: String) -> JSONNode? {
        known.append(name)
        guard let value = members.first(where: { $0.name == name })?.value else { return nil }
        return JSONNode(value, at: path(name), faults)
    }

    /// The member; null means the same as absent.
    package mutating func optional(_ name: String) -> JSONNode? {
        guard let node = member(name), !node.isNull else { return nil }
        return node
    }

    package mutating func required(_ name: String) -> JSONNode? {
        if let node = optional(name) { return node }
        faults.add(RequestFault(.pointer(path(name)), "is required"))
        return nil
    }

    package func fail(_ name: String, _ detail: String) {
        faults.add(RequestFault(.pointer(path(name)), detail))
    }

    /// A fault of a member, where nothing else is wrong with the object: then that says enough.
    package func failWithoutFaults(_ name: String, _ detail: String) {
        if !faults.hasFault(under: pointer) { fail(name, detail) }
    }

    /// The object itself is wrong, not one of its members.
    package func failWhole(_ detail: String) { faults.add(RequestFault(.pointer(pointer), detail)) }

    /// All members, for objects whose names are the caller's.
    mutating func all() -> [(name: String, node: JSONNode)] {
        known = members.map(\.name)
        return members.map { ($0.name, JSONNode($0.value, at: path($0.name), faults)) }
    }

    func refuseUnknown() {
        for member in members where !known.contains(member.name) {
            faults.add(RequestFault(.pointer(path(member.name)), "is not known here"))
        }
    }

    private func path(_ name: String) -> String { pointer + "/" + JSONPointer.escape(name) }
}

/// One value of a request with its place; reading it as what it is not records a fault and gives nil.
package struct JSONNode {
    package let value: JSONValue
    package let pointer: String
    private let faults: FaultCollector

    init(_ value: JSONValue, at pointer: String, _ faults: FaultCollector) {
        self.value = value
        self.pointer = pointer
        self.faults = faults
    }

    package var isNull: Bool { value == .null }

    package func fail(_ detail: String) { faults.add(RequestFault(.pointer(pointer), detail)) }

    private func wrong(_ wanted: String) { fail("must be \(wanted), not \(value.kind)") }

    /// A string without NUL, which no part of mail can carry; `maximum` counts octets.
    package func string(maximum: Int = .max) -> String? {
        guard case .string(let text) = value else {
            wrong("a string")
            return nil
        }
        guard text.utf8.count <= maximum else {
            fail("must not be longer than \(maximum) octets")
            return nil
        }
        guard !text.utf8.contains(0) else {
            fail("must not hold a NUL character")
            return nil
        }
        return text
    }

    /// A string that is one line and not empty: what goes into headers, names and commands.
    package func line(maximum: Int = Limits.line) -> String? {
        guard let text = string(maximum: maximum) else { return nil }
        guard !text.isEmpty else {
            fail("must not be empty")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            fail("must not hold control characters")
            return nil
        }
        return text
    }

    package func bool() -> Bool? {
        guard case .bool(let value) = value else {
            wrong("a boolean")
            return nil
        }
        return value
    }

    package func integer(_ range: ClosedRange<Int>) -> Int? {
        guard case .number(let text) = value, let number = Int(text) else {
            if case .number = value { fail("must be an integer") } else { wrong("an integer") }
            return nil
        }
        guard range.contains(number) else {
            fail("must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of a closed set of words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(of type: Choice.Type) -> Choice? {
        guard case .string(let text) = value else {
            wrong("a string")
            return nil
        }
        guard let choice = Choice(rawValue: text) else {
            fail("must be one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        return choice
    }

    /// The elements that could be read; each that could not has left a fault.
    package func array<Element>(_ read: (JSONNode) -> Element?) -> [Element]? {
        guard case .array(let elements) = value else {
            wrong("a list")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            read(JSONNode(element, at: "\(pointer)/\(index)", faults))
        }
    }

    package func object<Result>(_ read: (inout ObjectReader) -> Result?) -> Result? {
        guard case .object(let members) = value else {
            wrong("an object")
            return nil
        }
        var reader = ObjectReader(members, at: pointer, faults)
        let result = read(&reader)
        reader.refuseUnknown()
        return result
    }
}

extension JSONValue {
    /// Reads a whole request body and throws all its faults together.
    package func read<Result>(
        _ faults: FaultCollector = FaultCollector(), _ build: (inout ObjectReader) -> Result?
    ) throws(Problem) -> Result {
        let result = JSONNode(self, at: "", faults).object(build)
        try faults.check()
        guard let result else { throw Problem(.invalidRequest, "The body cannot be read.") }
        return result
    }
}
