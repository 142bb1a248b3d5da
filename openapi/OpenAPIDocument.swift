/// The contract, embedded so that the program serves the very document it was built and tested with.
package enum OpenAPIDocument {
    /// `openapi.yaml` as it stands in the repository.
    package static var yaml: [UInt8] { PackageResources.openapi_yaml }
}
