/// A message with placeholders, to be sent with other values each time.
package struct Template: Sendable, Equatable {
    package var id: TemplateID
    package var content: TemplateContent
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Grows with each change.
    package var revision: Int64

    package init(
        id: TemplateID, content: TemplateContent, createdAt: Timestamp, updatedAt: Timestamp, revision: Int64
    ) {
        self.id = id
        self.content = content
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

/// What a template says; `{{name}}` stands for a value.
package struct TemplateContent: Sendable, Equatable {
    /// For people.
    package var name: String?
    package var subject: String?
    package var text: String?
    package var html: String?

    package init(name: String? = nil, subject: String? = nil, text: String? = nil, html: String? = nil) {
        self.name = name
        self.subject = subject
        self.text = text
        self.html = html
    }
}

/// A change of a template: an outer nil leaves a member as it is, an inner nil removes it (RFC 7396).
package struct TemplatePatch: Sendable, Equatable {
    package var name: String??
    package var subject: String??
    package var text: String??
    package var html: String??

    package init() {}

    package func applied(to content: TemplateContent) -> TemplateContent {
        TemplateContent(
            name: name ?? content.name, subject: subject ?? content.subject, text: text ?? content.text,
            html: html ?? content.html)
    }
}
