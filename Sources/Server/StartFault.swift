/// Why the program could not start or a command could not be carried out: one line for an operator.
package struct StartFault: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
