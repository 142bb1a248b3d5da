import API
import HTTP
import HTTPServer
import Model
import Representation
import Testing
import Yams

@Suite struct `The contract` {
    let document: Node

    init() throws {
        let text = String(decoding: OpenAPIDocument.yaml, as: UTF8.self)
        document = try #require(try Yams.compose(yaml: text))
    }

    /// `GET /path` with the operation beneath, parameters of the path included.
    private func operations() -> [String: (operation: Node, parameters: [Node])] {
        var found: [String: (Node, [Node])] = [:]
        for (path, item) in document["paths"]?.mapping ?? Node.Mapping([]) {
            for method in ["get", "post", "put", "patch", "delete"] {
                guard let operation = item[method] else { continue }
                let all = [item["parameters"], operation["parameters"]].compactMap { $0?.sequence }.flatMap {
                    Array($0)
                }
                found["\(method.uppercased()) \(path.string ?? "")"] = (operation, all.map(resolve))
            }
        }
        return found
    }

    private func resolve(_ node: Node) -> Node {
        guard let reference = node["$ref"]?.string else { return node }
        return target(of: reference) ?? node
    }

    private func target(of reference: String) -> Node? {
        var node: Node? = document
        for token in reference.dropFirst(2).split(separator: "/") { node = node?[String(token)] }
        return node
    }

    @Test func `has exactly the routes of the router`() throws {
        let client = Client()
        let described = operations()
        let router = API.router(client.dependencies)
        let routed = Dictionary(
            uniqueKeysWithValues: router.routes.map { ("\($0.method) \($0.template)", $0.name) })
        #expect(Set(routed.keys) == Set(described.keys))
        for (route, name) in routed { #expect(described[route]?.operation["operationId"]?.string == name, "\(route)") }
        #expect(Set(routed.values).count == routed.count)
    }

    @Test func `says of each operation what the route table does`() throws {
        let described = operations()
        for operation in Operation.all {
            let (node, parameters) = try #require(described["\(operation.method) \(operation.path)"])
            compare(operation, node, parameters)
        }
    }

    private func compare(_ operation: Operation, _ described: Node, _ parameters: [Node]) {
        let scopes = described["security"]?.array().compactMap { $0["bearer"]?.array().first?.string }
        #expect(scopes == operation.scopes.map(\.rawValue), "\(operation.id)")
        let takesTicket = described["security"]?.array().contains { $0["ticket"] != nil }
        #expect(takesTicket == operation.takesTicket, "\(operation.id)")
        let query = parameters.filter { $0["in"]?.string == "query" }.compactMap { $0["name"]?.string }
        #expect(Set(query) == Set(operation.query), "\(operation.id)")
        let headers = Set(parameters.filter { $0["in"]?.string == "header" }.compactMap { $0["name"]?.string })
        #expect(headers.contains("Prefer") == operation.waits, "\(operation.id)")
        #expect(headers.contains("Idempotency-Key") == (operation.method == .post), "\(operation.id)")
        let types = described["requestBody"]?["content"]?.mapping.map { $0.keys.compactMap(\.string) } ?? []
        #expect(Set(types) == Set(operation.accepts), "\(operation.id)")
        let placeholders = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        let inPath = parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string }
        #expect(inPath == placeholders, "\(operation.id)")
    }

    @Test func `says that open operations need no token`() {
        let guarded = Set(Operation.all.map { "\($0.method) \($0.path)" })
        for (route, (operation, _)) in operations() where !guarded.contains(route) {
            #expect(operation["security"]?.array().isEmpty == true, "\(route)")
        }
    }

    @Test func `has every reference`() {
        var references: [String] = []
        func walk(_ node: Node) {
            if let mapping = node.mapping {
                for (key, value) in mapping {
                    if key.string == "$ref", let text = value.string { references.append(text) }
                    walk(value)
                }
            }
            for element in node.sequence.map({ Array($0) }) ?? [] { walk(element) }
        }
        walk(document)
        #expect(references.count > 100)
        for reference in Set(references) {
            #expect(reference.hasPrefix("#/") && target(of: reference) != nil, "\(reference)")
        }
    }

    @Test func `lists every problem type`() {
        let listed = target(of: "#/components/schemas/Problem")?["properties"]?["type"]?["enum"]?.array()
            .compactMap(\.string)
        #expect(listed == ProblemSlug.allCases.map(\.path))
    }

    @Test func `has the values of every enumeration`() {
        func values(_ path: String, _ members: String...) -> [String]? {
            var node = target(of: "#/components/schemas/" + path)
            for member in members { node = node?["properties"]?[member] }
            return node?["enum"]?.array().filter { $0.null == nil }.compactMap(\.string)
        }
        #expect(values("Account", "state") == AccountState.allCases.map(\.rawValue))
        #expect(values("AccountHealth", "state") == AccountState.allCases.map(\.rawValue))
        #expect(values("ServerHealth", "state") == ServerHealth.State.allCases.map(\.rawValue))
        #expect(values("ServerFeature", "name") == ServerFeature.Name.allCases.map(\.rawValue))
        #expect(values("ServerFeature", "support") == ServerFeature.Support.allCases.map(\.rawValue))
        #expect(values("MessageRetention", "state") == MessageRetention.State.allCases.map(\.rawValue))
        #expect(values("DiscoveryOrigin") == DiscoveredServer.Origin.allCases.map(\.rawValue))
        #expect(values("RetentionDraft", "policy") == RetentionRule.Name.allCases.map(\.rawValue))
        #expect(values("Security") == ConnectionSecurity.allCases.map(\.rawValue))
        #expect(values("Protocol") == MailProtocol.allCases.map(\.rawValue))
        #expect(values("Scope") == Scope.allCases.map(\.rawValue))
        #expect(values("MailboxRole") == MailboxRole.allCases.map(\.rawValue))
        #expect(values("MessageSort") == MessageSort.allCases.map(\.rawValue))
        #expect(values("MessageField") == MessageField.allCases.map(\.rawValue))
        #expect(values("EventType") == EventType.allCases.map(\.rawValue))
        #expect(values("Submission", "state") == SubmissionState.allCases.map(\.rawValue))
        #expect(values("WebhookInclude") == WebhookInclude.allCases.map(\.rawValue))
        #expect(values("WebhookDeliveryState") == WebhookDeliveryState.allCases.map(\.rawValue))
        #expect(values("WebhookMembers", "disabledReason") == WebhookDisabling.allCases.map(\.rawValue))
        #expect(values("SubmissionRecipient", "state") == RecipientState.allCases.map(\.rawValue))
    }

    /// A closed answer schema is what makes a check of real answers mean something.
    @Test func `closes every object schema of an answer`() throws {
        let names = [
            "Account", "AccountList", "Mailbox", "MailboxList", "Attachment", "MessageSummary", "Message",
            "MessageList", "ListedMessage", "Thread", "ThreadList", "Submission", "SubmissionList", "Token", "NewToken",
            "TokenList", "Verification", "Problem",
            "Health", "Webhook", "WebhookWithSecret", "WebhookList", "WebhookTest", "WebhookDelivery",
            "WebhookDeliveryList", "WebhookEndpoint", "WebhookFault", "WebhookEvent", "Event", "EventList",
            "EventTicket", "Stats", "AccountHealth", "AccountFault", "ServerHealth", "ServerFeature", "SyncHealth",
            "MessageRetention", "Discovery", "ProposedServer", "DiscoveredServer", "DiscoverySource",
        ]
        for name in names {
            let schema = try #require(target(of: "#/components/schemas/" + name))
            let closed = (schema["additionalProperties"] ?? schema["unevaluatedProperties"])?.bool == false
            #expect(closed, "\(name)")
        }
    }

    @Test func `is served as YAML and as the same document in JSON`() async throws {
        let client = Client()
        let yaml = try await client.send(.get, "/openapi.yaml", token: nil)
        #expect(yaml.body == OpenAPIDocument.yaml)
        let json = try await client.send(.get, "/openapi.json", token: nil)
        #expect(json.fields[.contentType] == "application/json")
        #expect(json.json["openapi"] == .string("3.1.0"))
        #expect(json.json["info"]?["version"] == .string("1"))
        let limit = json.json["components"]?["parameters"]?["Limit"]?["schema"]
        #expect(limit?["maximum"] == .number("500"))
        let roles = json.json["components"]?["schemas"]?["MailboxRole"]?["enum"]
        guard case .array(let values)? = roles else {
            Issue.record("no roles")
            return
        }
        #expect(values.last == .null)
        #expect(json.json["components"]?["schemas"]?["Account"]?["additionalProperties"] == .bool(false))
        let tag = try #require(json.fields[.etag])
        let again = try await client.send(.get, "/openapi.json", token: nil, fields: [.ifNoneMatch: tag])
        #expect(again.status == 304 && again.body.isEmpty)
    }
}
