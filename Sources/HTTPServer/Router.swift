package import HTTP

/// One operation: a method on a path template such as `/v1/accounts/{account}`.
package final class Route: Sendable {
    package let method: HTTPMethod
    package let template: String
    /// What logs, metrics and openapi.yaml call it (its operationId).
    package let name: String
    package let handler: Handler
    let parameterNames: [String]

    init(method: HTTPMethod, template: String, name: String, handler: @escaping Handler, parameterNames: [String]) {
        self.method = method
        self.template = template
        self.name = name
        self.handler = handler
        self.parameterNames = parameterNames
    }
}

/// A trie of literal and `{name}` segments over the octets of the path.
///
/// A literal wins over a parameter where both match. HEAD is answered by GET, OPTIONS by the router itself.
package struct Router: Sendable {
    private struct Node {
        var literals: [(segment: [UInt8], node: Int)] = []
        var parameter: Int?
        var routes: [Route] = []
    }

    private var nodes = [Node()]
    /// Every operation, in the order of registration; a test compares them with the contract.
    package private(set) var routes: [Route] = []

    package init() {}

    /// Registers an operation.
    ///
    /// Two for one method and path are a programmer's mistake and stop the program.
    package mutating func on(_ method: HTTPMethod, _ template: String, name: String, handler: @escaping Handler) {
        precondition(template.hasPrefix("/"), "a template starts with /: \(template)")
        var node = 0
        var names: [String] = []
        for segment in template.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                names.append(String(segment.dropFirst().dropLast()))
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, Array(segment.utf8))
            }
        }
        precondition(!nodes[node].routes.contains { $0.method == method }, "registered twice: \(method) \(template)")
        let route = Route(method: method, template: template, name: name, handler: handler, parameterNames: names)
        nodes[node].routes.append(route)
        routes.append(route)
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        if let child = nodes[node].literals.first(where: { $0.segment == segment }) { return child.node }
        nodes.append(Node())
        nodes[node].literals.append((segment, nodes.count - 1))
        return nodes.count - 1
    }

    /// What the router says to a request.
    enum Finding {
        case route(RoutedPath)
        /// The path is known: the methods it has, with HEAD and OPTIONS.
        case methods([HTTPMethod])
        case none
    }

    /// The route of a request; nil where there is none for its path and method.
    package func route(_ method: HTTPMethod, _ target: HTTPTarget) -> Route? {
        if case .route(let path) = find(method, target) { path.route } else { nil }
    }

    /// The methods that a path has, when it has no route for the one that was asked for.
    package func allowedMethods(_ method: HTTPMethod, _ target: HTTPTarget) -> [HTTPMethod] {
        if case .methods(let methods) = find(method, target) { methods } else { [] }
    }

    func find(_ method: HTTPMethod, _ target: HTTPTarget) -> Finding {
        let path = target.pathBytes
        if target.form == .asterisk { return .methods(methods(of: routes)) }
        guard path.first == 0x2F || path.isEmpty, target.form != .authority else { return .none }
        var ranges: [Range<Int>] = []
        guard let node = find(path, from: path.startIndex + 1, node: 0, &ranges) else { return .none }
        let candidates = nodes[node].routes
        guard
            let route = candidates.first(where: { $0.method == method })
                ?? (method == .head ? candidates.first { $0.method == .get } : nil)
        else { return .methods(methods(of: candidates)) }
        return .route(RoutedPath(route: route, parameters: ranges))
    }

    /// The node with routes that `path` from `start` leads to.
    private func find(
        _ path: ArraySlice<UInt8>, from start: Int, node: Int, _ ranges: inout [Range<Int>]
    ) -> Int? {
        var end = min(start, path.endIndex)
        let first = end
        while end < path.endIndex, path[end] != 0x2F { end += 1 }
        let isLast = end == path.endIndex
        for literal in nodes[node].literals where equals(literal.segment, path, first, end) {
            if isLast {
                if !nodes[literal.node].routes.isEmpty { return literal.node }
            } else if let found = find(path, from: end + 1, node: literal.node, &ranges) {
                return found
            }
        }
        guard end > first, let parameter = nodes[node].parameter else { return nil }
        ranges.append(first..<end)
        if isLast {
            if !nodes[parameter].routes.isEmpty { return parameter }
        } else if let found = find(path, from: end + 1, node: parameter, &ranges) {
            return found
        }
        ranges.removeLast()
        return nil
    }

    private func equals(_ segment: [UInt8], _ path: ArraySlice<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard segment.count == end - start else { return false }
        for offset in segment.indices where segment[offset] != path[start + offset] { return false }
        return true
    }

    private func methods(of routes: [Route]) -> [HTTPMethod] {
        let known: [HTTPMethod] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.filter { method in
            method == .options
                || routes.contains { $0.method == method || (method == .head && $0.method == .get) }
        }
    }
}
