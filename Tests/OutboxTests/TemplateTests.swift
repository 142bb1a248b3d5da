import Model
import Outbox
import Testing

@Suite struct TemplateTests {
    private func faults(_ content: TemplateContent, _ values: [String: String]) -> [String] {
        do {
            _ = try TemplateUse.rendered(content, with: values)
            return []
        } catch .invalid(let faults) {
            return faults.map(\.pointer)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `values stand where their names do, and html escapes them`() throws {
        let content = TemplateContent(
            subject: "Order {{order.number}}", text: "Hi {{ name }}, \\{{ stays",
            html: "<a title=\"{{name}}\">{{{list}}}</a>")
        let filled = try TemplateUse.rendered(
            content, with: ["name": "<O'Neil & \"co\">", "order.number": "7", "list": "<li>x</li>", "unused": "x"])
        #expect(filled.subject == "Order 7")
        #expect(filled.text == "Hi <O'Neil & \"co\">, {{ stays")
        #expect(filled.html == "<a title=\"&lt;O&#39;Neil &amp; &quot;co&quot;&gt;\"><li>x</li></a>")
    }

    @Test func `a value is never a placeholder itself`() throws {
        let filled = try TemplateUse.rendered(TemplateContent(text: "{{a}}"), with: ["a": "{{b}}", "b": "no"])
        #expect(filled.text == "{{b}}")
    }

    @Test func `every missing value is told by its place, once`() {
        let content = TemplateContent(subject: "{{a.b}}", text: "{{c}} {{a.b}}", html: "{{c}}")
        #expect(faults(content, [:]) == ["/values/a/b", "/values/c"])
    }

    @Test(arguments: ["a\r\nBcc: x@y.test", "a\nb", "a\rb", "a\u{0}b"])
    func `no value adds a line to the subject`(poison: String) {
        #expect(faults(TemplateContent(subject: "{{a}}", text: "x"), ["a": poison]) == ["/values/a"])
    }

    @Test func `values cannot make a text without bound`() {
        let text = String(repeating: "{{a}}", count: 1000)
        #expect(faults(TemplateContent(text: text), ["a": String(repeating: "x", count: 10_000)]) == ["/values"])
    }

    @Test(arguments: [
        ("{{", 0), ("x {{a", 2), ("{{}}", 0), ("ab{{ a b }}", 2), ("{{a{b}}", 0), ("{{#if x}}", 0), ("{{a..b}}", 0),
        ("{{é}}", 0), ("{{{a}}}", 0),
    ])
    func `a placeholder that is none is refused with its place`(text: String, offset: Int) {
        #expect {
            _ = try TemplateText(text, as: .text)
        } throws: { error in
            (error as? TemplateFault)?.offset == offset
        }
    }

    @Test func `braces alone are text`() throws {
        for text in ["a { b } c", "}}", "{", "\\", "{ {a} }"] {
            #expect(try TemplateText(text, as: .html).names.isEmpty)
            #expect(try TemplateUse.rendered(TemplateContent(text: text), with: [:]).text == text)
        }
    }
}
