import HTTP
import HTTPServer
import Representation
import Synchronization
import Yams

/// openapi.yaml as it is served: the octets of the repository, and the same document as JSON.
final class Contract: Sendable {
    /// The document never changes while the program runs.
    static let shared = Contract()

    let tag: EntityTag
    let yaml: HTTPResponse
    private let made = Mutex<HTTPResponse?>(nil)

    private init() {
        tag = EntityTag.of([String(decoding: OpenAPIDocument.yaml, as: UTF8.self)])
        var response = HTTPResponse(.ok, type: "application/yaml", OpenAPIDocument.yaml)
        response.fields.append(.etag, tag.description)
        response.fields.append(.cacheControl, "no-cache")
        yaml = response
    }

    /// Made when first asked for, then kept.
    func json() throws -> HTTPResponse {
        try made.withLock { made in
            if let made { return made }
            let node = try Yams.compose(yaml: String(decoding: OpenAPIDocument.yaml, as: UTF8.self))
            var writer = JSONWriter(reserving: OpenAPIDocument.yaml.count)
            if let node { writer.value(YAMLNode(node: node)) }
            var response = HTTPResponse(.ok, type: "application/json", writer.bytes)
            response.fields = yaml.fields
            response.fields[.contentType] = "application/json"
            made = response
            return response
        }
    }
}

/// A YAML node as JSON, by the core schema of YAML 1.2; members keep their order.
private struct YAMLNode: JSONWritable {
    let node: Node

    func write(to writer: inout JSONWriter) {
        switch node {
        case .mapping(let mapping):
            writer.object { writer in
                for (key, value) in mapping {
                    writer.name(key.string ?? "")
                    writer.value(YAMLNode(node: value))
                }
            }
        case .sequence(let sequence):
            writer.array(sequence) { writer, element in writer.value(YAMLNode(node: element)) }
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else { return writer.value(scalar.string) }
            if node.null != nil {
                writer.null()
            } else if let value = node.bool, ["true", "false"].contains(scalar.string) {
                writer.value(value)
            } else if let value = node.int {
                writer.value(value)
            } else {
                writer.value(scalar.string)
            }
        case .alias(let alias): writer.value("*" + alias.anchor.rawValue)
        }
    }
}
