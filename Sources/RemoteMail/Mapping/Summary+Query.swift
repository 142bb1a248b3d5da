import IMAP
import Mapping
import Model

extension Summary {
    /// The items that these fields need, and those by which messages are found and put in order.
    static func items(for query: MessageQuery, _ plan: SearchPlan, _ capabilities: CapabilitySet) -> [FetchItem] {
        func wants(_ fields: MessageField...) -> Bool {
            guard let wanted = query.fields else { return true }
            return fields.contains { wanted.contains($0) || query.sort.field == $0 }
        }
        // What is listed has its id from all of these.
        var items: [FetchItem] = [.uid, .internalDate, .flags, .size, .envelope] + identifying
        // Also where the server makes previews: it need not have one of each message.
        let readsPreview = query.fields?.contains(.preview) == true
        if wants(.hasAttachment, .attachments) || plan.needsStructure || readsPreview { items.append(.bodyStructure) }
        if wants(.preview) { items.append(.preview) }
        if query.fields?.contains(.savedAt) == true || plan.needsSaveDate { items.append(.saveDate) }
        return items
    }
}
