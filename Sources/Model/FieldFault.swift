/// One member of a request that is wrong: where (RFC 6901 JSON Pointer) and why.
package struct FieldFault: Sendable, Equatable {
    package var pointer: String
    package var detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
