import SafeHTML
import Testing

/// Input made to be expensive: nesting, reopened elements, attributes.
@Suite(.serialized) struct `Cost` {
    struct Bomb: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let html: String

        init(_ name: String, _ html: String) {
            testDescription = name
            self.html = html
        }
    }

    static let bombs: [Bomb] = [
        Bomb("100,000 nested div", String(repeating: "<div>", count: 100_000)),
        Bomb("a frameset on a deep body", String(repeating: "<div>", count: 100_000) + "<frameset>"),
        Bomb("300,000 nested b", String(repeating: "<b>", count: 300_000)),
        Bomb(
            "fonts reopened in each paragraph",
            "<p>" + (0..<5_000).map { "<font size=\($0)>" }.joined() + String(repeating: "<p>x", count: 50_000)
        ),
        Bomb("nested tables", String(repeating: "<table><tr><td>", count: 50_000)),
        Bomb("foster parents", String(repeating: "<table><b>", count: 30_000)),
        Bomb("adoption", String(repeating: "<b><p>", count: 50_000) + String(repeating: "</b>", count: 50_000)),
        Bomb("attributes", "<p " + (0..<100_000).map { "a\($0) " }.joined() + ">"),
        Bomb("nested svg", String(repeating: "<svg><g>", count: 100_000)),
        Bomb("nested templates", String(repeating: "<template>", count: 100_000)),
        Bomb("nested lists", String(repeating: "<ul><li>", count: 60_000)),
        Bomb("unclosed tag", "<p title=\"" + String(repeating: "x", count: 4 << 20)),
        Bomb("open angle brackets", String(repeating: "<", count: 2 << 20)),
        Bomb("ampersands", String(repeating: "&", count: 2 << 20)),
        Bomb("comments", String(repeating: "<!--", count: 1 << 20)),
        Bomb("style", "<p style=\"" + String(repeating: "a:(", count: 1 << 20) + "\">"),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: bombs)
    func `stays bounded, and never overflows a stack`(bomb: Bomb) {
        let html = bomb.html
        let safe = SafeHTML(html, addresses: nil)
        let size = safe?.html.utf8.count ?? 0
        #expect(size <= html.utf8.count * 16 + (256 << 10))
    }

    @Test func `flattens what nests deeper than anyone reads`() throws {
        let html = String(repeating: "<div>", count: 1_000) + "x"
        let safe = try #require(SafeHTML(html, addresses: nil))
        #expect(safe.html == String(repeating: "<div>", count: 200) + "x" + String(repeating: "</div>", count: 200))
    }
}
