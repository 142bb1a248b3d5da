import MailServers

extension JSONValue {
    /// This value with the member or element at a JSON Pointer set; objects on the way are made, lists are extended.
    func setting(_ pointer: String, to value: JSONValue) -> JSONValue {
        setting(pointer.split(separator: "/")[...], to: value)
    }

    private func setting(_ path: ArraySlice<Substring>, to value: JSONValue) -> JSONValue {
        guard let name = path.first else { return value }
        if case .array(var elements) = self, let index = Int(name) {
            while elements.count <= index { elements.append(.null) }
            elements[index] = elements[index].setting(path.dropFirst(), to: value)
            return .array(elements)
        }
        var members = object
        members[String(name)] = self[String(name)].setting(path.dropFirst(), to: value)
        return .object(members)
    }

    /// This value without a member.
    func removing(_ name: String) -> JSONValue {
        var members = object
        members[name] = nil
        return .object(members)
    }
}
