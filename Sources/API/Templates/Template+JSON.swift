package import Model
import Representation

extension TemplateContent {
    /// Reads the body of `createTemplate`; whether the placeholders are right, the engine says.
    package static func read(_ reader: inout ObjectReader) -> TemplateContent? {
        TemplateContent(
            name: reader.optional("name")?.line(), subject: reader.optional("subject")?.line(),
            text: reader.optional("text")?.string(maximum: Limits.templateText),
            html: reader.optional("html")?.string(maximum: Limits.templateText))
    }
}

extension TemplatePatch {
    /// Reads a merge patch (RFC 7396) of a template.
    package static func read(_ reader: inout ObjectReader) -> TemplatePatch? {
        var patch = TemplatePatch()
        patch.name = reader.member("name").flatMap { $0.removable { $0.line() } }
        patch.subject = reader.member("subject").flatMap { $0.removable { $0.line() } }
        patch.text = reader.member("text").flatMap { $0.removable { $0.string(maximum: Limits.templateText) } }
        patch.html = reader.member("html").flatMap { $0.removable { $0.string(maximum: Limits.templateText) } }
        for name in ["id", "createdAt", "updatedAt"] where reader.member(name) != nil {
            reader.fail(name, "cannot be changed")
        }
        return patch
    }
}

/// The values of a template: strings, numbers and booleans, in objects as deep as the names have dots.
enum TemplateValues {
    static func read(_ node: JSONNode) -> [String: String] {
        var values: [String: String] = [:]
        gather(node, path: "", depth: 0, into: &values)
        return values
    }

    private static func gather(_ node: JSONNode, path: String, depth: Int, into values: inout [String: String]) {
        var found: [(String, JSONNode)] = []
        _ = node.object { reader -> Bool? in
            found = reader.all().map { ($0.name, $0.node) }
            return true
        }
        for (name, child) in found {
            let whole = path.isEmpty ? name : path + "." + name
            switch child.value {
            case .string: values[whole] = child.string(maximum: Limits.templateText)
            case .number(let text): values[whole] = text
            case .bool(let value): values[whole] = value ? "true" : "false"
            case .object where depth < Limits.valueDepth:
                gather(child, path: whole, depth: depth + 1, into: &values)
            default: child.fail("must be a string, a number, a boolean or an object of these")
            }
        }
    }
}
