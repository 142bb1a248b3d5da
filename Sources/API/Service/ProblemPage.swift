import HTTP
import HTTPServer

/// The page behind a problem's `type`: html for a browser, plain text for curl.
enum ProblemPage {
    static func page(of slug: ProblemSlug, accept: String?) -> HTTPResponse {
        let heading = "\(slug.status.code) \(slug.title)"
        if wantsHTML(accept) {
            return html(
                heading,
                "<p><code>\(slug.path)</code></p><p>\(escape(slug.explanation))</p><p><a href=\"/problems\">All problems</a></p>"
            )
        }
        return text("\(heading)\n\n\(slug.path)\n\n\(slug.explanation)\n")
    }

    static func index(accept: String?) -> HTTPResponse {
        if wantsHTML(accept) {
            let items = ProblemSlug.allCases.map { slug in
                "<li>\(slug.status.code) <a href=\"\(slug.path)\"><code>\(slug.rawValue)</code></a> \(escape(slug.title))</li>"
            }
            return html("Problems", "<ul>\(items.joined())</ul>")
        }
        let lines = ProblemSlug.allCases.map { "\($0.status.code) \($0.path)\n    \($0.title). \($0.explanation)\n" }
        return text(lines.joined(separator: "\n"))
    }

    /// Text wins a tie: who accepts everything is no browser.
    private static func wantsHTML(_ accept: String?) -> Bool {
        Accept(accept).best(of: ["text/plain", "text/html"]) == "text/html"
    }

    private static func html(_ title: String, _ body: String) -> HTTPResponse {
        let page =
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>\(escape(title))</title>"
            + "<body><h1>\(escape(title))</h1>\(body)</body></html>\n"
        var response = HTTPResponse(.ok, type: "text/html; charset=utf-8", Array(page.utf8))
        response.fields.append(.vary, "Accept")
        response.fields.append("Content-Security-Policy", "default-src 'none'")
        return response
    }

    private static func text(_ text: String) -> HTTPResponse {
        var response = HTTPResponse(.ok, type: "text/plain; charset=utf-8", Array(text.utf8))
        response.fields.append(.vary, "Accept")
        return response
    }

    private static func escape(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}
