extension PartNode {
    /// A name to save the part under: never a path, never empty, with an extension that fits its type.
    package var fileName: String { labelledFileName ?? "attachment" }
}
