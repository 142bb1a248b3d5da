import MIME
import Testing

@Suite struct PartNodeTests {
    @Test func `finds a part by its number`() {
        let leaf = PartNode(number: "2.1", type: "TEXT", subtype: "HTML")
        let root = PartNode(
            number: "", type: "multipart", subtype: "mixed",
            children: [
                PartNode(number: "1", type: "text", subtype: "plain"),
                PartNode(number: "2", type: "multipart", subtype: "related", children: [leaf]),
            ])
        #expect(root.part(number: "2.1")?.mediaType == "text/html")
        #expect(root.part(number: "2.2") == nil)
        #expect(root.part(number: "21") == nil)
    }
}
