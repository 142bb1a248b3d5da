package import Model

extension Template: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", content.name)
            writer.member("subject", content.subject)
            writer.member("text", content.text)
            writer.member("html", content.html)
            writer.member("createdAt", createdAt)
            writer.member("updatedAt", updatedAt)
        }
    }
}

/// A template with its values: subject and bodies alone.
package struct FilledTemplate: JSONWritable {
    let content: TemplateContent

    package init(_ content: TemplateContent) { self.content = content }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("subject", content.subject)
            writer.member("text", content.text)
            writer.member("html", content.html)
        }
    }
}
