/// Why a server for a test could not be started or talked to, in words for the person who reads the test's output.
package struct ServerFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
