import HTTP
import Testing

@Suite struct FormScannerTests {
    private let form =
        "--b\r\nContent-Disposition: form-data; name=\"message\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"
        + "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22b.txt\"\r\nContent-Type: text/plain\r\n\r\n"
        + "one\r\n--bb\r\n\r\n--\r\n--b\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n--b--\r\nepilogue"

    private func parts(_ text: String, boundary: String? = "b", step: Int) throws(FormFault) -> [FormPart] {
        var scanner = try FormScanner(boundary: boundary)
        let octets = Array(text.utf8)
        for start in stride(from: 0, to: octets.count, by: step) {
            try scanner.read(Array(octets[start..<min(start + step, octets.count)]))
        }
        return try scanner.finish()
    }

    private func fault(_ text: String, boundary: String? = "b") -> FormFault? {
        do {
            _ = try parts(text, boundary: boundary, step: 5)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: 1...40) func `finds each part, wherever the body is cut`(step: Int) throws {
        let octets = Array(form.utf8)
        let found = try parts(form, step: step)
        #expect(found.map(\.name) == ["message", "f", "empty"])
        #expect(found.map(\.fileName) == [nil, "a\"b.txt", nil])
        #expect(found.map(\.type) == ["application/json", "text/plain", nil])
        let contents = found.map { String(decoding: octets[$0.range], as: UTF8.self) }
        #expect(contents == ["{}", "one\r\n--bb\r\n\r\n--", ""])
    }

    @Test func `a body that was cut off is refused wherever that was`() {
        let end = form.utf8.count - "--\r\nepilogue".utf8.count
        for count in 0...end {
            let fault = fault(String(form.utf8.prefix(count)) ?? "")
            #expect(fault == .cutOff || fault == .noBoundary, "\(count)")
        }
    }

    @Test func `what is no form is refused`() {
        #expect(fault(form, boundary: nil) == .noBoundary)
        #expect(fault(form, boundary: "") == .noBoundary)
        #expect(fault(form, boundary: String(repeating: "b", count: 71)) == .noBoundary)
        #expect(fault(form, boundary: "other") == .noBoundary)
        #expect(fault("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--") == .malformedPart)
        #expect(fault("--b\r\nContent-Disposition: attachment; name=x\r\n\r\nx\r\n--b--") == .malformedPart)
        #expect(fault("--b\r\n\r\nx\r\n--b--") == .malformedPart)
        // A line that only begins like a boundary is none.
        #expect(fault("--bx\r\n\r\nx\r\n--bx--") == .noBoundary)
        #expect(
            fault(
                "--b\r\nContent-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--")
                == .transferEncoding)
        #expect(fault("--b\r\n" + String(repeating: "X: y\r\n", count: 3000)) == .malformedPart)
    }

    @Test func `a form has a bounded number of parts`() {
        let part = "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n"
        #expect(fault(String(repeating: part, count: 1001) + "--b--") == .tooManyParts)
        #expect(fault(String(repeating: part, count: 1000) + "--b--") == nil)
    }
}
