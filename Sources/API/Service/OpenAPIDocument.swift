internal import COpenAPI

/// The contract, embedded.
package enum OpenAPIDocument {
    /// `openapi.yaml` as it stands in the repository.
    package static let yaml = unsafe [UInt8](
        UnsafeBufferPointer(start: openapi_document(), count: Int(openapi_document_size())))
}
